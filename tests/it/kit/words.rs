//! Compares texts by their words: how many would have to be changed, put in or taken out.
//!
//! A compound that is written apart, `there under` for `thereunder`, is one wrong word.

/// Lower-case words without punctuation.
pub fn words(text: &str) -> Vec<String> {
    let plain: String = text
        .to_lowercase()
        .chars()
        .map(|c| if c.is_alphanumeric() || c == '\'' { c } else { ' ' })
        .collect();
    plain.split_whitespace().map(str::to_owned).collect()
}

/// The edit distance in words.
pub fn wrong_words(heard: &str, said: &str) -> usize {
    let (heard, said) = (words(heard), words(said));
    let mut cost = vec![vec![0; said.len() + 1]; heard.len() + 1];
    for i in 0..=heard.len() {
        for j in 0..=said.len() {
            let mut ways = vec![if i + j == 0 { 0 } else { usize::MAX }];
            let mut way = |back_i: usize, back_j: usize, price: usize| {
                if i >= back_i && j >= back_j {
                    ways.push(cost[i - back_i][j - back_j] + price);
                }
            };
            way(1, 0, 1);
            way(0, 1, 1);
            if i > 0 && j > 0 {
                way(1, 1, usize::from(heard[i - 1] != said[j - 1]));
            }
            if i > 1 && j > 0 && heard[i - 2..i].concat() == said[j - 1] {
                way(2, 1, 1);
            }
            if i > 0 && j > 1 && said[j - 2..j].concat() == heard[i - 1] {
                way(1, 2, 1);
            }
            cost[i][j] = ways.into_iter().min().unwrap();
        }
    }
    cost[heard.len()][said.len()]
}

#[test]
fn wrong_words_are_counted() {
    assert_eq!(wrong_words("ask not, what", "Ask not what"), 0);
    assert_eq!(wrong_words("ask what", "ask not what"), 1);
    assert_eq!(wrong_words("ask no what else", "ask not what"), 2);
    assert_eq!(wrong_words("activities there under", "activities thereunder"), 1);
    assert_eq!(wrong_words("activities they're under", "activities thereunder"), 2);
    assert_eq!(wrong_words("", "ask not"), 2);
}
