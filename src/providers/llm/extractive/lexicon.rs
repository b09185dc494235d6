//! English word lists: what carries no topic, who is kin, what is a feeling, what can be done.

/// Words that carry grammar, not topic.
pub const STOP: &str = "a about above across actually after again against ago all almost along already \
also although always am among an and another any anybody anymore anyone anything anyway apparently are \
aren't around as at away back basically be became because become been before behind being below beside \
besides better between both but by can can't cannot could couldn't did didn't do does doesn't doing \
don't done down during each either else enough especially even eventually ever every everybody everyone \
everything exactly except few finally first for from further gonna gotta had hadn't half has hasn't have \
haven't having he he'd he'll he's hello hence her here here's hers herself hey hi him himself his how \
however i i'd i'll i'm i've if in indeed instead into is isn't it it'd it'll it's its itself just last \
least less let let's like likely literally look lot lots made main make makes making many may maybe me \
mean means might mine more most much must my myself near nearly need needs neither never next no nobody \
none nope nor not nothing now obviously of off often oh ok okay on once one ones only onto or other \
others otherwise our ours ourselves out outside over own per perhaps please plus pretty probably put \
quite rather really right said same say saying says second see seem seemed seems several shall she she'd \
she'll she's should shouldn't since so some somebody somehow someone something sometimes somewhere soon \
sort still such suddenly sure take tell than thank thanks that that'd that'll that's the their theirs \
them themselves then there there's therefore these they they'd they'll they're they've third this those \
though three through throughout thus till to together too totally toward towards two under unless until \
up upon us used usually very via was wasn't we we'd we'll we're we've well went were weren't what \
what's whatever when whenever where where's wherever whether which while who who's whole whom whose why \
will with within without won't would wouldn't yeah yep yes yet you you'd you'll you're you've your yours \
yourself um uh er erm hmm mm ah uhm huh wow kind bit anyways hopefully definitely honestly certainly \
four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen \
nineteen twice twenty thirty forty fifty hundred thousand etc dr mr mrs ms";

/// Verb forms and qualities that end a noun phrase or make a poor topic.
pub const DULL: &str = "proper usual certain various am ask asked asking asks bad became began begin begins believe big bought break \
bring brings broke brought buy call called calls came care change changed changes come comes coming cook \
cooked could cried cry cut decide decided decides drank drink drive drove eat eats ended enjoy enjoyed \
fail fall fallen feel feeling feels fell felt few find finds fine finish finished fit fly forget forgot \
forgotten found gave get gets getting give given gives go goes going gone good got gotten great grew grow \
guess happen happened happening happens hard hate hated hear heard held help helped helps hold hope hoped \
hoping hung hurt hurts keep keeps kept knew know known knows late laugh laughed lay lead learn learned \
learnt leave leaves leaving led left liked likes listen listened listening little live lived lives long \
looked looking looks lose lost love loved loves manage managed meant meet met miss missed move moved \
nice noticed open opened paid pay pick picked played played proud pull pulled pushed ran read realise \
realised realize realized remember remembered remind run running sat saw seen sell send sends sent set \
show showed shown shut sit sits sitting sleep slept slow small sold sound sounds spend spent spoke stand \
start started starts stay stayed stays stood stop stopped stuck stupid supposed taken takes taking talk \
talked talking talks taught teach tells think thinking thinks thought threw throw told took tried tries \
try trying turn turned turns understand understood use using wait waited waiting wake walk walked walking \
want wanted wants watch watched watching wear wearing wish woke won wonder wondered wondering wore work \
worked working works worried worry wrote write writes writing wrong yelled happy sad tired angry new old \
able glad fun funny weird strange strong quick quickly early ready clear cheap expensive important \
possible different difficult easy interesting true real amazing beautiful lovely favourite favorite whole \
annoying quiet calm busy empty full close closed sick ill rain rained raining snowed born exhausted \
lonely nervous anxious excited scared afraid relieved grateful crazy perfect terrible horrible awful sorry \
alone awake asleep sleepy warm cold hot wet dry kissed hugged smiled promised promise visited arrived \
agreed suggested explained mentioned offered repeated repeat makes ordered checked signed planned invited \
apologised apologized reads runs leaks costs smells tastes opens means makes loves hates hurts cries gives says stops \
ends shows leads laughing crying smiling screaming shouting eating drinking reading buying calling";

/// Nouns too general to name a topic.
pub const VAGUE: &str = "thing things stuff time times day days today yesterday tomorrow tonight week weeks \
weekend month months year years hour hours minute minutes moment moments morning afternoon evening night \
noon midnight monday tuesday wednesday thursday friday saturday sunday january february march april may \
june july august september october november december way ways part parts place places point points lot \
lots bit kind sort case fact reason number amount end beginning middle side idea ideas sense deal rest \
kilometre kilometres kilometer kilometers metre metres meters degrees percent euros dollars pounds example question problem issue issues matter someone phone waste person people guy guys man woman men women everybody \
anything god life world bits couple pair bunch clock o'clock half quarter past am pm a.m p.m home \
everyone hand hands head name word words voice memo note notes recording diary while feeling feelings \
mood course detail details step steps front top bottom line list piece pieces second seconds chance \
others ones ok hell heck shit damn fuck crap bloody minute's today's yesterday's tomorrow's";

/// Words that open a noun phrase.
pub const OPENERS: &str = "the a an my our his her their this that your some about of for with on at from \
into in had have got having after before during no any another every first new big little";

/// Openers that are kept when the phrase is shown.
pub const KEPT: &str = "the my our his her their";

/// Joining words inside a shown phrase: "lunch with Maria", "idea for a novel".
pub const JOINS: &str = "with of for about in at from to";

pub const KIN: &str = "sister brother mother father mum mom dad mama papa wife husband son daughter \
grandmother grandfather grandma grandpa granny aunt auntie uncle cousin niece nephew friend friends \
colleague boss neighbour neighbor boyfriend girlfriend partner roommate flatmate manager teacher doctor \
therapist dentist stepfather stepmother godmother godson goddaughter fiance fiancee baby dog cat \
sister-in-law brother-in-law mother-in-law father-in-law coworker teammate midwife nanny babysitter";

pub const TITLES: &str = "dr mr mrs ms miss prof professor doctor aunt auntie uncle grandma grandpa sir herr \
frau señor señora madame monsieur signora signor";

/// Words after a name that only a person does.
pub const PERSON_DOES: &str = "said says told asked called texted wrote emailed phoned rang laughed smiled \
thinks thought wants wanted cried explained suggested mentioned promised agreed came brought gave showed \
helped joined sent cooked asks tells knows knew sounded seemed looked is was has had will would feels felt \
got went took made didn't doesn't hasn't wasn't isn't and";

/// Words before a name that point at a person, and at a place.
pub const PERSON_BEFORE: &str = "with told asked called met saw texted emailed visited called hugged \
kissed thank thanked miss missed promised invited showed gave helped phoned tell ask call text meet visit \
help invite remind reminded named than like between love loved know knew";
pub const PLACE_BEFORE: &str = "in near around through across towards toward into";
pub const TO_PERSON: &str = "talk talked talking talks speak spoke speaking spoken listen listened said say \
wrote write writing gave give sent send sending explained explain apologise apologised apologize \
apologized read reply replied introduced married next close listening promised showed";
pub const TO_PLACE: &str = "go went going gone goes drive drove driving fly flew flying travel travelled \
traveled travelling move moved moving back train flight bus trip way come came came arrived walked ride \
cycled journey ferry plane road sent tickets";

/// Capitalised words that are neither a person nor a place.
pub const NOT_A_NAME: &str = "i i'm i'll i've i'd god jesus christ monday tuesday wednesday thursday friday \
saturday sunday january february march april may june july august september october november december \
english german french spanish italian american british european chinese japanese indian russian dutch \
portuguese swedish polish turkish greek irish scottish welsh mexican canadian australian african asian \
christmas easter halloween ramadan thanksgiving google iphone ipad android whatsapp zoom netflix amazon \
excel pdf word powerpoint microsoft apple facebook instagram twitter youtube spotify slack teams github \
linkedin uber airbnb ikea covid tv usb api url hr ceo cto ok okay yes no mr mrs ms dr wifi bluetooth \
internet email tiktok chatgpt openai python java rust linux windows mac bible christian catholic muslim \
jewish buddhist sprint q1 q2 q3 q4 diy mri ct er gp lego playstation xbox nintendo tesla bmw volkswagen \
toyota ford paypal visa ebay notion jira figma obsidian diary hi hello hey";

/// Common first names, for the sentence's first word and for "to Anna".
pub const FIRST_NAMES: &str = "adam alex alexander alice amy ana anders andrea andreas andrew anita anke anna \
anne annie anton antonio arthur barbara ben benjamin bernd bob carla carlos carmen caroline charlie chloe \
chris christian christine claire clara claudia daniel dave david diana diego elena elisa elizabeth ella \
emily emma eric erik erika eva fatima felix fiona florian francesco frank franz fred gabriel george \
giulia greg hannah hans harry helen helena henry ines ingrid irene isabel isabella jack jacob james jan \
jana jane jasmin javier jean jennifer jenny jens jessica jim joan joana joe johanna john jonas jonathan \
jorge josé juan julia julian julie kai karen karin karl kate katharina kathrin katja kevin klaus lara \
laura lea lena leo leon leonie lily linda lisa lucas lucia lucy luis luisa lukas luke magda marc marco \
margaret maria marie mario mark markus marta martin martha mary mateo matt matthew max maya mia michael \
michelle miguel mike mila miriam mohammed monica monika nadia natalie nathan nick nicole nina noah nora \
oliver olivia omar oscar pablo patrick paul paula pedro peter petra philip pierre priya rachel raj rebecca \
richard rob robert robin rosa ruth ryan sam samuel sandra sara sarah sebastian sergio silvia simon sofia \
sophia sophie stefan stefanie stephen steve sue susan susanne sven theo thomas tim tina tom tomas tomás \
tony uwe vera victor victoria william yusuf zoe abigail ahmed aisha ali alan alejandro alina amelia amir \
arjun astrid ava beatrice bella birgit brian bruno camila camille cecilia chiara colin connor dana deborah derek \
diane dominik dylan edith edward elias elif elise ellen elsa esther ethan fabian farid freya friedrich gemma \
georg gerda gina gisela giovanni hamza harold hassan heidi heike helga hugo ian ida irina isaac ivan iris jamal \
jasper joel jonah josef joseph judith jürgen kasia katja kerstin kirsten lars leila levin liam linus lorenzo louis \
louise luca luna mads mahmoud maja malik mathilda mats mei mehmet milo mina mohamed nils niklas nico oskar otto \
owen pavel penny pia piotr rafael ravi renate rosie rui sabine sakura samir selma silas stella susana tariq tatiana \
teresa thea tobias tessa ulrike valentina viktor wanda yara yasmin yuki zara";

/// Well-known places, enough to tell Lisbon from Lisa.
pub const PLACES: &str = "amsterdam athens atlanta austin barcelona basel beijing belgrade berlin bern bologna \
bordeaux boston bristol brighton brussels bucharest budapest cambridge cairo chicago cologne copenhagen \
delhi denver dresden dublin düsseldorf edinburgh florence frankfurt freiburg geneva genoa ghent glasgow \
granada graz hamburg hannover heidelberg helsinki houston innsbruck istanbul köln krakow kyoto leeds \
leipzig lima lisbon lisboa liverpool london lyon madrid málaga manchester mannheim marseille melbourne \
miami milan milano montreal moscow mumbai munich münchen nairobi naples napoli nice nuremberg nürnberg \
oslo oxford palermo paris philadelphia porto portland potsdam prague praha reykjavik riga roma rome \
salzburg santiago seattle seoul sevilla seville shanghai singapore sofia stockholm strasbourg stuttgart \
sydney tallinn tokyo toronto toulouse turin valencia vancouver venice venezia vienna vilnius warsaw \
washington wien zagreb zürich zurich america argentina australia austria bavaria bayern belgium brazil \
brittany california canada catalonia chile china colombia cornwall croatia denmark deutschland egypt \
england españa europe finland florida france germany greece hungary iceland india ireland israel italia \
italy japan kenya luxembourg mexico morocco netherlands norway peru poland portugal provence romania \
russia scotland sicily slovenia spain sweden switzerland texas thailand turkey tuscany ukraine vietnam wales";

pub const MOODS: &str = "happy sad tired exhausted angry annoyed frustrated stressed anxious nervous worried \
scared afraid excited proud grateful thankful terrified relieved calm relaxed peaceful content lonely overwhelmed \
hopeful optimistic pessimistic disappointed upset furious ashamed guilty embarrassed jealous bored \
restless nostalgic melancholic melancholy depressed devastated heartbroken confused lost hurt miserable \
cheerful joyful delighted thrilled energised energized inspired motivated confident insecure homesick \
drained sleepy touched moved loved awful terrible fantastic wonderful amazing great better worse uneasy \
irritated numb empty torn curious amused glad blessed lighter";

/// What a person can go and do; after "I'll" or at the head of a list these make a to-do.
pub const DOABLE: &str = "add answer apologise apologize apply arrange ask assemble bake bring book buy call \
cancel change charge check clean clear collect confirm contact cook deliver do draft drop email empty \
feed file fill find finish fix follow get give go hang help invite install iron look mail make message meet \
move order organise organize pack paint pay phone pick plan plant post practice practise prepare print \
put read register renew repair replace reply research reserve return review ring schedule sell send set \
share show sign sort speak start stop submit take talk tell text throw tidy transfer update upload swim ride jog exercise meditate study revise learn rehearse iron hoover mow prune knit \
visit vacuum wash water wrap write drive";

/// What follows "I have to" or "I should" without being a task.
pub const NOT_A_TASK: &str = "admit say be been confess wonder think feel know laugh accept understand \
believe sleep relax breathe calm have mean like seem live stand suffer stress worry keep";

/// Adverbs that may stand inside "I … need to".
pub const ADVERBS: &str = "really also still just definitely probably actually then maybe now first finally \
seriously urgently quickly absolutely totally certainly desperately both all only at least soon honestly \
okay um uh so always";

/// Words and phrases of speech that carry nothing.
pub const FILLERS: &str = "um uh er erm hmm mm ah uhm so well okay ok yeah yes right like anyway now oh and \
but alright basically you know i mean let me think see what else that's it is all of course no not sure \
really actually maybe good fine hm then wow huh guess suppose anyways just to start with";

/// Words in which a feeling is named.
pub const FEELING: &str = "love loved hate hated afraid proud happy sad wish realised realized miss missed \
cried cry crying tears scared angry grateful relieved worried excited alone forgive forgave \
screamed overwhelmed nervous ashamed guilty lonely joy terrified heartbroken jealous hopeful touched \
peaceful lighter hollow";

/// Words that stir, but say nothing of the heart by themselves.
pub const STIRRING: &str = "never always best worst finally life beautiful amazing terrible important decided \
surprised dream lucky learned better worse hope lost broke hard forever exhausted tired favourite favorite \
wonderful laughed gone hurt hurts sorry courage trust honest quiet ridiculous strange";

/// Words of news, small and large.
pub const TIDINGS: &str = "fixed finished broke broken wrong stolen decided agreed \
announced accepted refused signed delivered failed solved moving leaving pregnant lost missing";

/// Things that happen a few times in a life.
pub const LIFE: &str = "birthday wedding funeral engagement diagnosis birth pregnancy operation surgery accident \
biopsy promotion divorce separation anniversary graduation miscarriage stroke cancer ambulance resignation \
results result news marathon scholarship christening baptism premiere exam";

/// Nouns that are about something.
pub const TOLD: &str = "idea book story film movie dream email letter article talk conversation meeting \
podcast decision argument question fight novel worries news questions";

/// Nouns that end like a verb form.
pub const NOUNS_ING: &str = "meeting wedding building training painting ceiling parking swimming shopping \
housing heating funding hiking climbing running cooking drawing briefing onboarding gardening spring string \
king ring wing swing clothing warning beginning landing pricing marketing planning engineering booking \
opening camping knitting cycling plumbing packing breastfeeding feeding teething vomiting lightning dressing \
pudding";
