package planner

import (
	"slices"
	"strings"
)

// This file holds the planner's own words: closed classes of English grammar,
// numbers and units. What can be done to a picture, and to what, is not here;
// a test compares these lists with the tool docs.

const possessive = "'s"

func set(words string) map[string]bool {
	m := make(map[string]bool)
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// sequences splits "a little, much" into token sequences; "can/could you" is two of them.
func sequences(list string) [][]string {
	var out [][]string
	for s := range strings.SplitSeq(list, ",") {
		all := [][]string{nil}
		for _, w := range strings.Fields(s) {
			var longer [][]string
			for _, begun := range all {
				for alt := range strings.SplitSeq(w, "/") {
					longer = append(longer, append(slices.Clone(begun), alt))
				}
			}
			all = longer
		}
		out = append(out, all...)
	}
	return out
}

var (
	articles    = set("the a an this that these those my its his her their our your some another")
	sayings     = set("that which says saying reads reading called named with")
	particles   = set("up out down away off of")
	possessors  = set("its his her their")
	quantifiers = set("all every each both any whole entire")
	pronouns    = set("it them this that these those they him her one ones")
	// whereWords stand behind a noun and say where it is: "the sign underneath".
	whereWords = set("underneath below above behind outside inside beneath beside")
	// leftovers say of something only that it is there.
	leftovers = set("remaining leftover existing visible")
	conjuncts = set("and & plus or nor")
	// wholeNouns mean the picture itself, so that they name no object in it.
	wholeNouns = set("image picture photo photograph pic shot everything images pictures photos photographs result output snapshot scan thumbnail selfie screenshot snap outcome")
	// colorNouns stand beside a colour and add nothing: "a red color".
	colorNouns = set("color colour colors colours shade tone hue tint paint colored coloured")

	// coats are quantities of paint: "a coat of white paint".
	coats = set("coat layer touch splash hue shade tone wash lick")

	// targetPreps introduce what something becomes.
	targetPreps = set("to into as with by for in using")
	// placePreps begin a place or a description that narrows the noun before them.
	placePreps = set(`on in at from of behind beside besides under below above near over between inside outside with wearing holding
		around against along across beneath underneath among through that who which whose where next close beyond towards toward
		standing sitting riding carrying walking lying facing within off onto upon to`)
	// sideWords are the sides of a picture; a doc may name number inputs after them.
	sideWords = set("left right top bottom")
	bothSides = strings.Fields("left right")
	// bits count what has no number: "every bit of text".
	bits      = set("bit bits piece pieces scrap scraps shred shreds")
	sideNouns = set("side sides edge edges end border borders")

	// lightVerbs carry no meaning of their own: what they do is said by the colour or adjective that follows.
	lightVerbs = set("output return make turn change give set render get have let do apply perform run use create produce show put add want need like tell say report generate compute provide")
	// speakers are the subjects that are no things.
	speakers = set("i you we he she they")
	// enclosed ends a note of what comes with a request.
	enclosed = set("attached enclosed below above included")
	// subordinators open a clause that says when or why.
	subordinators = set("once when while after before as since because though although until whenever where")
	// verbNouns are those of them that are nouns too.
	verbNouns = set("set change show turn")
	// askedVerbs are the light verbs that take "X <colour>" and "X <comparative>".
	askedVerbs = set("make turn change give set render get have want need like")
	// makingVerbs are those of them that never ask for an answer.
	makingVerbs = set("have make turn change set render apply perform run use create produce put add")
	// auxiliaries join a subject to what it should become.
	auxiliaries = set("ought is are be should must shall needs has was were look looks become becomes being been would could might")

	// fillers may stand anywhere and mean nothing for the plan.
	fillers = set(`please also too just now really simply then kindly only actually maybe perhaps again well ok okay here there
		carefully gently nicely completely entirely fully totally properly quickly cleanly neatly me us so even still instead better nicer best beforehand overall altogether anywhere somewhere itself themselves himself herself anymore`)

	// fillerNouns are those of them that are things too.
	fillerNouns = set("well")

	weaker   = sequences("a little bit, a little, a bit, a touch, a tad, slightly, subtly, somewhat, mildly, gently, softly, little, bit")
	stronger = sequences("a whole lot, a lot, very much, much, very, strongly, a great deal, significantly, considerably, heavily, way, far, really, lots, extremely, super")
	raising  = set("increase increasing raise raising boost boosting more higher stronger strengthen up")
	lowering = set("decrease decreasing reduce reducing lower lowering less weaker weaken down fewer")

	asWellAs   = sequences("as well as, along with, together with")
	besideThat = sequences("while, whilst, besides, in addition to, apart from, along with, as well as, together with, alongside")
	afterThat  = sequences("after that, after this, after which")
	stopBefore = set("then next finally lastly afterwards afterward subsequently thereafter")
	whileWords = set("while whilst whereas")
	reasons    = set("because since")
	// subjects, statives and attitudes make a statement of a clause; obliging words an order of it.
	subjects  = set("i we it they he she this that")
	statives  = set("is are was were am seems seem looks feels sounds has have had")
	attitudes = set("love like hate dislike adore enjoy know took saw think found prefer noticed notice believe shot")
	obliging  = set("should must shall needs need ought want wants")
	// modals say that something shall, should or may be.
	modals = set("should must shall needs need ought want wants would could can may might will wish wishes prefer prefers asked asks hoping let")
	// nominatives are subjects of one word; finite verbs are auxiliaries beside the statives.
	nominatives = set("i we he she it they this these there here everyone everybody nobody")
	finite      = set("do does did had became came went got felt smelled tasted keeps came said")
	adverbs     = set("never always already also often sometimes once ever still not almost")
	// greetings stand before what is said and mean nothing; smallTalk opens a sentence that asks for nothing.
	greetings = sequences(`hi there, hello there, hey there, hi, hello, hey, dear, ok, okay, well, oh, excuse me, pardon me, good morning, good evening, good afternoon, in the picture, in the photo, in the image, in this picture, in this photo, in this image,
		please note, honestly, unfortunately, sadly, luckily, fyi, just so you know, as you can see, as you see, by the way, nice, perfect, great, wow, yes, so, and, but, also, all right, alright, listen, just`)
	smallTalk = sequences(`not sure, i am not sure, no idea, i have no idea, no clue, hope that, hope it, let me know if you, let me know when you, let me know if anything, let me know if something, let me know how it, can not wait, i can not wait, no need to, look at this, look at that, look at these, look how, sorry to, sorry for, sorry about, sorry that, thanks for, thanks again for, thank you for, thank you so much for, thank you very much for, thanks so much for, thanks a lot for, many thanks for, nice work, great work, good work, nice job, great job, good job, well done,
		can you help me, could you help me, would you help me, will you help me, please help me, help me with, help me out, i need this/it/these/them for, i need this/it/these/them by, we need this/it/these/them for, we need this/it/these/them by, i want this for, i want it for, help with, can you help, could you help, can you please help me, could you please help me, can you give me a hand, could you give me a hand, give me a hand, can you lend me a hand, could you lend me a hand, lend me a hand,
		i need help, i need your help, i need some help, i need a hand, i need a favor, i want your help, i would like your help, i would like some help, i could use your help, i could use some help, i have a favor, i have a small favor, i have a request, i have a small request, i have a quick request,
		i have a task, i have a job, can i ask you, could i ask you, may i ask you, i hope you, i hope this, i hope that, i hope all, hope you, hope this, hope all, you are the, you are a, you are so, you are very, you are great, you are amazing, i appreciate, i really appreciate, much appreciated, that is all, that will be all, that would be all, that is it, that will do, that should be all,
		have a nice, have a great, have a good, have a lovely, take your time, no rush, no hurry, there is no rush, best regards, kind regards, looking forward, i am looking forward, i look forward, you did, you have been, nice to, it is nice, it was nice, long time, how are you, how is it going, what a,
		let us have some/more fun, let us have a bit of fun, let us have a little fun, let us have a go, let us get started/going/creative/cracking, let us get to work, let us get to it, let us start with, let us begin with, let us work on, let us play, let us see what, let us do some, have/take a look at, have/take a quick look at`)
	topics    = set("for with regarding concerning about in on from as")
	saysWords = set("says reads say read saying reading said shows states spells bears carries displays")
	// seenVerbs take a thing and what is done to it: "see the pigeons gone".
	seenVerbs = set("see have get want let having seeing")
	// becomeAux and becomeVerbs stand between a thing and what it is to become.
	becomeAux = set("should must shall needs need has have ought is are be was were supposed could can would might become becomes turn turns")
	// needAux say what a thing becomes only before another verb: "needs to be", not "needs a".
	needAux     = set("need needs has have can could would might")
	becomeVerbs = set("to be become turn turned get look appear go have")
	// placeVerbs say that something is at a place.
	placeVerbs = set("is was are were stands stood sits sat hangs lies appears")
	// objectPronouns stand for something to be worked on.
	objectPronouns = set("it them him her this that those these")
	pluralPronouns = set("them these those they")
	// irregular are participles that do not end in "ed".
	irregular = set("gone cut hidden taken shown drawn written swapped set made put found given thrown thrown blown got read told seen kept left hung stuck")

	// presenting words only point to the picture: "given this photo".
	presenting = set("given take use look consider load see here with considering using")
	// leanings open what a question leans on; suppositions state what is not so.
	leanings     = set("according based using from judging reading looking in on by")
	suppositions = set("imagine pretend suppose assume")
	// wishing is what somebody does who is not the speaker: "my friend wants the car red".
	wishing     = set("wants asked asks prefers requested requires")
	emptyOrders = sequences("do that, do this, do it, do so, help, help me, help me with that, help with that, help me with this, help with this, manage that, you do that, that be done, it be done")
	tooWords    = sequences("too, as well, also")
	// askings open an indirect question: "tell me where the dog is".
	askings       = sequences("tell me, tell us, show me, let me know, let us know, i want to know, i would like to know, i need to know, i wonder, i am wondering, find out, figure out, work out, say, tell, do you know, can you see, report, determine, decide, evaluate, gauge, establish, explain, give me, look at the picture and tell me")
	questionWords = set("what which who whose where when why how if whether is are does do")
	// shownWords say of a question's subject only that the picture has it.
	shownWords = set("show shows showing shown see seen depict depicts depicted feature features featured contain contains appear appears visible taken located you")

	// corrections take back what was said; the weak ones may also go on with it.
	corrections     = sequences("no, no wait, wait, no no, nope, scratch that, forget that, forget it, cancel that, never mind, nevermind, on second thought, on second thoughts, correction, sorry, my mistake, oops, actually, actually no, i mean, i meant, rather, make that, strike that, or rather, hold on")
	weakCorrections = sequences("actually, i mean, i meant, sorry, rather, make that")
	// otherTimes are not the picture's.
	otherTimes = set("tomorrow yesterday tonight")

	// resulting words lead up to what something becomes.
	resulting = sequences("so that it is, so that they are, so it is, so they are, so that it becomes, so that they become, so that it turns, so it turns, until it is, until they are")
	// seemings open what a picture is to look like, said as a clause.
	seemings = sequences("as if, as though, like we, like it, like they, like he, like she, like i, like the picture/photo/image")
	// granted lean an order on what a check before it finds.
	granted   = sequences("if so, if yes, if it does, if it is, if that is so, if that is the case, in that case")
	insteadOf = sequences("rather than, instead of, in place of")
	negations = set("not never no without")
	excluders = set("except excluding excepting barring")
	exceptFor = sequences("except, except for, excepting, excluding, barring, apart from, aside from, other than, with the exception of, save for, not including, leaving out")
	butNot    = sequences("but not, and not")
	// likeWords introduce the object whose colour is wanted; "the same colour as" is read apart.
	likeWords = sequences("like, just like, the same as")
	// restWords make a noun phrase mean whatever is not spoken of.
	restWords = set("rest else remainder other others")
	keepVerbs = set("keep leave preserve retain keeping leaving preserving retaining")
	keptTails = sequences(`exactly as it is, exactly as they are, as it is, as they are, as it was, as they were, as is, unchanged, untouched, intact, alone,
		the same, the way it is, the way they are, the way it was, the way they were, like it is, like they are, how it is, how they are, unaffected, unmodified, unedited, in place, out of it, where it is`)

	// wrappers open a clause without asking for anything.
	wrappers = sequences(`i/we want/wish that, i/we would like that, i want that you, honestly, tell you what, oh bless, be a dear/sweetheart/sport/darling/star/pal and, please, pls, plz, kindly, can/could/would/will you, would you mind, would/will you be able/willing to, are you able to, do you think you can/could, is it possible to, would it be possible to, is there any/a way to,
		i/we would like/love/prefer/need you to, i would like for you to, i/we would like/love/prefer to, i/we would like/love/prefer, i/we would like/love/prefer to see/have, i/we want/need/wish/hope to see/have, to see, i/we want/need you to, i/we want/need/wish/hope to, i/we want/need/wish, i wanna, i need you please to,
		i/we should like, i/we should like to, i/we should like you to, i/we could do with, i am looking/hoping/trying/wanting to, i was/am hoping/thinking/wondering you/we could, i was/am wondering/hoping if/that you/we could, i wonder if you/we could, i hope you can, i was wondering if,
		you should/can/could/may/must/might, you need/have/want to, you might want to, we can/could/should/need, we need to, we have to, can/could/shall/may/should we, can/could/may i have/get/see, could/can i have/get, let us, let me, that you, i/we want/need/wish/ask that you, i/we would like/prefer that you, keep/keeping in mind that, help me to, help me, help us, try to, try and, go ahead and, go on and, have a go at, feel free to, proceed to, continue by, moving on,
		be so kind and, be so kind/good as to, be so kind/good to, be kind/good enough to, be an angel/dear and, do me a favor/favour and, how about you, how about, what about, why do not you/we,
		all right, alright, right then, right so, okay/ok then, do me a favor/favour, do me a favor/favour and, listen, here we go, i, i mean/think/guess/believe/suppose, i feel like, i feel, just, now, hi, hello, hey, hi/hello/hey there, good morning/evening/afternoon, dear, ok, okay, so, well, then, also, and, again, instead, too, quickly, carefully, simply, actually, maybe, perhaps, thanks, thank you, thanks/many so/very much, thank you so/very much, ever so much, oh and, oh, yes, yeah, yep, sure, great, perfect, hmm, um, by the way, my friend,
		first of all, first, firstly, second, secondly, third, thirdly, to start, to begin with, start/begin/finish/end by, begin/start/end with, for starters, next, finally, lastly, after that/this, afterwards, at last, at first, in addition, additionally, furthermore, moreover, besides/apart/aside from that, on top of that, as well, at the same time, while you are at it, while you are there, when you are done, when done, once done, once that is done, in this case, for this one, lastly please,
		make/be sure to, make sure, make certain, make sure you, make sure/certain that, ensure that, see to it that, remember to, do not forget to, do not forget and, be careful to, take care to, it is important to, what i want/need is to, here is what i want/need, your task/job is to, the task/job is to, your job, the next/first/last step is to, let me/us know, if you could/can/would, if possible,
		thanks a million/bunch/ton/lot, thanks ever so much, thanks/cheers again, thank you again/kindly, cheers, quick one, one more/last thing, do you mind, is there any/a chance you/we could, any chance you/we/i could/can, any chance of, might you be able to, could/can/may i ask/trouble you to, i was hoping to, i wonder/wondered whether you could, i was wondering whether you could, would you be so kind as to, would you be kind/good enough to, would you be so good as to,
		if you have time, if you have a moment/minute/second, when you get/have a chance, when you have time, when you have a moment, whenever you can, whenever you are ready, what i/we would love/like is, what i/we need/want is, all i/we need/want is, is it okay to, would it be okay to,
		if there is room, if there is time, if it is not too much trouble, if it is no trouble, if that is ok, if that is okay, if it is ok, if it is okay, if it is possible, if you do not mind, besides that`)
	// tails close a clause without asking for anything.
	tails = sequences(`please, at your earliest convenience, when you can, when you have time, whenever you can, pls, plz, thanks, thank you, thank you very much, thanks a lot, thank you so much, thanks in advance, many thanks, cheers, for me, for us, if you can, if you could, if possible,
		if you would, if you do not mind, would you, could you, will you, can you, as well, too,
		first, first of all, now, right now, right away, in the process, at once, at the same time, also, again, that is all, you see, you can see, can you see, do you see, are there, can be seen, are visible, is visible, do we have, there is, there are, visible, in one sentence, in a sentence, in a few words, in a few sentences, in two sentences, in a single sentence, in detail, briefly, for the picture, you know, okay, ok, my friend,
		and nothing more, and nothing else, for good, if you would be so good/kind, with this tool, in one go, as you can, then, afterwards, after that`)

	// stays end a clause that leaves something as it is: "the dog stays".
	stays = sequences("stays, stay, remains, remain, stays as it is, remains as it is, stays the same, remains the same, stays untouched, remains untouched, stays unchanged, remains unchanged, should stay, must stay, should stay as it is, should remain, must remain, can stay, may stay, is fine, is fine as it is, is perfect, is great, is good, is good as it is, is ok, is okay, is perfect as it is, are fine, are perfect, are great, are good")

	// ifAny say that finding no such object is no failure.
	ifAny = sequences(`if it is there, if they are there, if you find it, if you find any, if you find one, if found, if there are any, if there is any, if there is one, if there are some, if any, if they exist, if it exists, if present, if visible, if you see any,
		where there are any, where present, in case there are any, if any are there, if one is there, should there be any`)

	// noises are what people say and mean nothing by.
	noises = set("um uh er erm uhm hmm hm ah oh lol haha hehe yo btw fyi tbh imo asap thx ty omg ugh wow yay hey hiya anyway basically literally duh")
	// listens are the same before a comma that follows.
	listens = set("right alright now look listen say there fine cool sweet super help honestly bless well")
	// unharmed opens what an edit is not to cost; no edit is meant to.
	unharmed = sequences("without losing, without loss of, without any loss of, without sacrificing, without compromising, without hurting, without ruining, without degrading, without spoiling")
	// asides may stand anywhere and ask for nothing.
	asides = sequences("if you want, if you want to, if you want to help, if you want to help more, if you wish, if you would like, if you fancy it, any more, any longer, if possible, if you can, if you could, if you like, if necessary, if needed, if need be, of course, by the way, while you/we are at it, while at it, you know, i mean it, if you do not mind, if that is ok, if that is okay, as always, as usual, as mentioned, as discussed, for real, for sure, no worries, i guess, i suppose, i think, to be honest, to be fair, for the same reason, for this reason, for that reason, for obvious reasons, while you are there, while you are in there")
	// occasions begin a clause that says when or where something is done.
	occasions = sequences("before, after, once, when, whenever, wherever, everywhere, every/each/any time, as soon as, by the time, now that, and once/when/after")
	// wishes say that something is wanted; lacks stand between a thing and what it wants.
	// obliged says "should" in several words.
	obliged = sequences("have/has got to, ought to, had better")
	// holding stands between places and what is at them: "every place with text".
	holding = sequences("where there is/are, where you see/find, where you can see/find, with, containing, that have/has/contain/contains/hold/holds, which have/has/contain/contains, there is/are")
	wishes  = set("like love want need see have prefer wish use with")
	lacks   = sequences("needs, need, wants, want, could do with, could use, can use, is/are missing, is/are lacking, lacks, deserves, should/must/could/might/shall wear/hold/carry")
	// asideWords open words that say when, why, for whom or as what, and may ask for nothing.
	asideWords = set("because since before after while when whenever once until so for as though although like whose")
	owners     = set("my our his her their its your")
	scarcely   = set("hardly barely scarcely")
	// midAdverbs may stand inside what people say before an order.
	midAdverbs = set("also really just still then please kindly ideally possibly maybe perhaps very so dearly quickly now all too ever even quite absolutely definitely truly honestly")
	// onEarth stands behind a question word and says nothing.
	onEarth = sequences("in the world, on the planet, exactly, precisely")
	// closeWith opens what is asked for last.
	closeWith = sequences("finish/end/close/conclude with, finish/top off with, finish it off with, wrap up with")
	// startBy opens a row of orders in "-ing".
	startBy  = sequences("start/begin/finish/end/continue by, start/begin/finish/end off by")
	purposes = sequences("so that, so it, so they, so nobody, so no one, so we, so i, in order that, to go with, to go nicely with, to go well with, to fit in with, to please, to impress, to surprise")

	// The words of mask algebra. What they ask for is the engine's own, no tool's; they
	// count only beside a noun of the same kind, so that "shrink the photo" stays a tool's.
	outlineNouns = set("mask masks selection selections outline outlines matte mattes")
	edgeNouns    = set("edge edges border borders boundary boundaries rim rims transition transitions")
	featherNouns = set("feather feathering")
	growVerbs    = set("grow expand enlarge dilate")
	shrinkVerbs  = set("shrink contract erode")
	featherVerbs = set("feather soften")
	grownWords   = set("grown expanded enlarged dilated larger bigger wider looser")
	shrunkWords  = set("shrunk shrunken contracted eroded smaller tighter narrower")
	softWords    = set("feathered feathery soft softer softened smooth smoother gradual fuzzy blurred")

	undoWords = sequences("undo, undo that, undo it, undo this, undo the last edit, undo the last step, undo the last change, undo last edit, go back, revert, redo, revert that")
	sameWords = sequences("so can, so should, so must, so does, so do, so could, and so can, and so should, do the same to, do the same for, do the same with, the same to, the same for, the same with, same for, same to, likewise")

	// measures are nouns that count the noun after "of".
	measures = set("pair group bunch row couple lot lots set piece crowd herd flock number kind sort one two three four five six seven eight nine ten all both each any some none most half many few")

	numberWords = map[string]float64{
		"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
		"fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100,
	}
	ordinals  = strings.Fields("first second third fourth fifth")
	multiples = map[string]float64{"twice": 2, "double": 2, "doubled": 2, "thrice": 3, "triple": 3, "tripled": 3, "quadruple": 4, "twofold": 2, "threefold": 3, "fourfold": 4}
	// sizeTails follow a factor and add nothing: "twice as large", "double the size".
	sizeTails = sequences(`as large as before, as big as before, as large as it is, as large, as big, as wide, the original size, its original size, of the original size, the size, its size, in size, of its size,
		the resolution, its resolution, format, in resolution, resolution, size, larger, bigger, smaller, the original, of the original, magnification, zoom`)

	// unitWords name the unit of the number before them.
	unitWords = map[string]string{
		"x": unitTimes, "×": unitTimes, "times": unitTimes, "time": unitTimes, "fold": unitTimes,
		"percent": unitPercent, "%": unitPercent, "pct": unitPercent,
		"degrees": unitDegrees, "degree": unitDegrees, "deg": unitDegrees, "°": unitDegrees,
		"pixels": unitPixels, "pixel": unitPixels, "px": unitPixels,
	}
	extentWords = map[string]string{"wide": unitWidth, "width": unitWidth, "broad": unitWidth, "tall": unitHeight, "high": unitHeight, "height": unitHeight}

	// tints modify a colour word that has no name of its own: "bright red".
	lightTints = set("light pale soft pastel lighter faint")
	darkTints  = set("dark deep darker rich")
	plainTints = set("bright vivid neon matte glossy shiny metallic warm cool strong pure solid classic saturated intense muted dull nice beautiful plain")

	// shortForms are what people type for words of grammar.
	shortForms = map[string]string{"te": "the", "u": "you", "ur": "your", "adn": "and", "nad": "and", "teh": "the", "hte": "the", "thsi": "this", "tot": "to", "wth": "with", "w": "with", "n": "and", "pic": "picture", "im": "i", "cld": "could", "wld": "would", "wiht": "with", "whit": "with", "fro": "from", "frm": "from", "plase": "please", "pleas": "please", "pleaes": "please", "pics": "pictures", "imgae": "image", "iamge": "image", "img": "image", "foto": "photo", "thx": "thanks"}

	// contractions that are not a word and one of the clitics.
	contractions = map[string][]string{
		"dont": {"do", "not"}, "can't": {"can", "not"}, "cannot": {"can", "not"}, "won't": {"will", "not"},
		"i'm": {"i", "am"}, "it's": {"it", "is"}, "let's": {"let", "us"},
		"what's": {"what", "is"}, "where's": {"where", "is"}, "that's": {"that", "is"}, "there's": {"there", "is"}, "who's": {"who", "is"}, "you're": {"you", "are"}, "you've": {"you", "have"}, "that'd": {"that", "would"}, "here's": {"here", "is"}, "he's": {"he", "is"}, "she's": {"she", "is"}, "how's": {"how", "is"}, "when's": {"when", "is"}, "you'd": {"you", "would"}, "gotta": {"got", "to"},
		"gonna": {"going", "to"}, "wanna": {"want", "to"},
	}
)

// The units that a number input may declare.
const (
	unitTimes   = "times"
	unitPercent = "percent"
	unitDegrees = "degrees"
	unitPixels  = "pixels"
	unitWidth   = "width"
	unitHeight  = "height"
	// unitRatio is said of "16:9"; an input takes it when its words are such.
	unitRatio = "ratio"
	// unitFormat is said of "4K": the width of a picture of that name.
	unitFormat = "format"
)

// prefixOf returns the length of the longest sequence that toks begin with.
func prefixOf(seqs [][]string, toks []token) int {
	best := 0
	for _, s := range seqs {
		if len(s) <= len(toks) && len(s) > best && sameWordsAt(s, toks) {
			best = len(s)
		}
	}
	return best
}

// suffixOf returns the length of the longest sequence that toks end with.
func suffixOf(seqs [][]string, toks []token) int {
	best := 0
	for _, s := range seqs {
		if len(s) <= len(toks) && len(s) > best && sameWordsAt(s, toks[len(toks)-len(s):]) {
			best = len(s)
		}
	}
	return best
}

func sameWordsAt(words []string, toks []token) bool {
	for i, w := range words {
		if !toks[i].is(w) {
			return false
		}
	}
	return true
}
