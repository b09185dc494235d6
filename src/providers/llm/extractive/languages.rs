//! What the composer knows of each language: grammar words, phrase openers, days and months.

/// A language as far as a note needs it; English knows more, see the lexicon.
pub struct Language {
    pub code: &'static str,
    pub stop: &'static str,
    /// Words that open a noun phrase.
    pub openers: &'static str,
    pub days: [&'static str; 7],
    pub months: [&'static str; 12],
    /// After the name of the day.
    pub comma: &'static str,
    /// Between day and month: "3 de mayo".
    pub day_joint: &'static str,
    pub month_joint: &'static str,
    /// Nouns carry a capital.
    pub noun_capitals: bool,
    /// The noun comes before its adjective.
    pub head_first: bool,
}

impl Language {
    pub fn of(code: &str) -> Option<&'static Self> {
        LANGUAGES.iter().find(|language| language.code == code)
    }
}

pub static LANGUAGES: [Language; 5] = [
    Language {
        code: "en",
        stop: super::lexicon::STOP,
        openers: super::lexicon::OPENERS,
        days: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
        months: [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ],
        comma: ",",
        day_joint: " ",
        month_joint: " ",
        noun_capitals: false,
        head_first: false,
    },
    Language {
        code: "de",
        stop: "aber alle allem allen aller alles als also am an ander andere anderen anderes auch auf aus \
bei beim bin bis bist da dabei dafür damit danach dann daran das dass dein deine dem den denn der des \
dessen dich die dies diese diesem diesen dieser dieses dir doch dort du durch eben ein eine einem einen \
einer eines einfach einmal er erst es etwas euch euer eure für gar ganz gegen geht gehen gemacht gesagt \
gerade gestern gewesen ging gut hab habe haben hast hat hatte hatten heute hier hin ich ihm ihn ihnen ihr \
ihre ihrem ihren ihrer im immer in ins irgendwie ist ja jede jedem jeden jeder jedes jetzt kann kein keine \
keinen könnte können konnte mal man mehr mein meine meinem meinen meiner mich mir mit morgen muss müssen \
nach nachher natürlich nicht nichts noch nochmal nun nur ob oder ohne schon sehr sein seine seinem seinen \
seiner seit sich sie sind so soll sollte sonst über um und uns unser unsere unserem unseren unter viel \
viele vielleicht vom von vor wann war waren warum was weil weiß welche wenn wer werde werden wie wieder \
will wir wird wirklich wo wollen wollte würde zu zum zur zwar zwei zwischen halt eigentlich ähm äh okay \
tag tage woche wochen zeit uhr mal abend nachmittag leute sache sachen stunde stunden jahr jahre minuten \
monat montag dienstag mittwoch donnerstag freitag samstag sonntag wochenende hallo tschüss ende mittag",
        openers: "der die das den dem des ein eine einen einem einer mein meine meinem meinen meiner unser \
unsere unserem unseren im am beim zum zur vom mit von für über bei nach zu ins in auf",
        days: ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"],
        months: [
            "Januar",
            "Februar",
            "März",
            "April",
            "Mai",
            "Juni",
            "Juli",
            "August",
            "September",
            "Oktober",
            "November",
            "Dezember",
        ],
        comma: ",",
        day_joint: ". ",
        month_joint: " ",
        noun_capitals: true,
        head_first: false,
    },
    Language {
        code: "es",
        stop: "a al algo algunas algunos allí ante antes aquí así aunque ayer bien cada casi como con contra \
cosa cosas cuando cual de del desde después día días donde dos durante e el él ella ellas ellos en entonces \
entre era eran es esa esas ese eso esos esta está estaba estado están estar estas este esto estos estoy fue \
fueron fui ha había han hasta hay he hemos hecho hice hizo hoy ir la las le les lo los luego más mañana me \
mejor menos mi mis mientras mismo mucha mucho muchos muy nada ni no nos nosotros o os otra otro otros para \
pero poco por porque pues puede puedo que qué quien quiero se sea ser si sí sido siempre sin sobre son soy \
su sus también tan tanto te tenemos tener tengo tenía tiempo tiene toda todas todo todos tu tus tuve un una \
unas uno unos va vamos voy vez veces y ya yo bueno eh vale tarde noche semana lunes martes miércoles jueves \
viernes sábado domingo año años hora horas mes hola adiós casa creo bastante momento rato luego acuerdo",
        openers: "el la los las un una unos unas mi mis nuestro nuestra del al su sus con de",
        days: ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"],
        months: [
            "enero",
            "febrero",
            "marzo",
            "abril",
            "mayo",
            "junio",
            "julio",
            "agosto",
            "septiembre",
            "octubre",
            "noviembre",
            "diciembre",
        ],
        comma: ",",
        day_joint: " de ",
        month_joint: " de ",
        noun_capitals: false,
        head_first: true,
    },
    Language {
        code: "fr",
        stop: "à ai ainsi alors après as au aucun aujourd'hui aussi autre autres aux avait avant avec avoir \
beaucoup bien bon ce cela ces cet cette chaque chez chose choses comme comment dans de déjà demain depuis \
des deux donc du elle elles en encore ensuite entre es est et étaient était été être eu fait faire faut \
fois heure heures hier ici il ils j'ai je jour jours jusqu'à la le les leur leurs lui ma mais mal matin me \
même mes moi moins mois mon ne ni non nos notre nous on ont ou où oui par parce pas pendant petit peu peut \
peut-être plus pour pourquoi presque puis quand que quel quelle quelque qui quoi rien sa sais sans se ses \
si soir sois son sont sous souvent suis sur ta tard te temps tes toi ton toujours tous tout toute toutes \
très trop tu un une va vais vers voilà vos votre vous vraiment y semaine lundi mardi mercredi jeudi \
vendredi samedi dimanche année an ans euh ben c'est c'était d'abord qu'il qu'elle qu'on n'ai n'est bonjour \
salut allait avons aller dit était-ce soirée journée moment quelqu'un rendez vais dois",
        openers: "le la les un une des mon ma mes notre nos du au aux son sa ses de avec",
        days: ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
        months: [
            "janvier",
            "février",
            "mars",
            "avril",
            "mai",
            "juin",
            "juillet",
            "août",
            "septembre",
            "octobre",
            "novembre",
            "décembre",
        ],
        comma: "",
        day_joint: " ",
        month_joint: " ",
        noun_capitals: false,
        head_first: true,
    },
    Language {
        code: "it",
        stop: "a ad ai al alla alle anche ancora anni anno avere aveva avevo beh bene c'è che chi ci ciao come \
con cosa cose così cui da dal dalla degli dei del della delle dello di dopo domani dove due e è ed era \
erano ero essere fa fare fatto fino forse fra già gli giorno giorni ha hai hanno ho i ieri il in insieme \
invece io l'ho la le lei li lo loro lui ma mattina me meno mentre mese mi mia mie miei mio molto ne nei \
nel nella nelle niente noi non nostra nostro o oggi ogni oppure ora ore per perché però più poco poi \
prima proprio può qua quando quasi quella quelle quelli quello questa queste questi questo qui quindi se \
sei sempre senza sera settimana si sia siamo solo sono sta stata stato stavo su sua sue sul sulla suo \
suoi te tempo ti tra troppo tu tua tuo tutta tutte tutti tutto un un' una uno va vabbè vado verso vi volta \
volte lunedì martedì mercoledì giovedì venerdì sabato domenica allora ecco eh pomeriggio notte devo",
        openers: "il lo la i gli le un una uno mio mia miei mie nostro nostra del della al alla nel nella sul \
sulla con di",
        days: ["lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica"],
        months: [
            "gennaio",
            "febbraio",
            "marzo",
            "aprile",
            "maggio",
            "giugno",
            "luglio",
            "agosto",
            "settembre",
            "ottobre",
            "novembre",
            "dicembre",
        ],
        comma: "",
        day_joint: " ",
        month_joint: " ",
        noun_capitals: false,
        head_first: true,
    },
];
