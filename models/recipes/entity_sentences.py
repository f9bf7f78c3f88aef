"""Sentences with names of people and places and dates, put together of parts by chance.

A slot such as {person} is filled in; its entity is known by where it stands.
"""

import re

from names import Letters, Names

ENTITIES = {"person": "PER", "place": "LOC", "day": "DATE", "period": "DATE", "moment": "DATE"}
SLOT = re.compile(r"{(\w+)}")
WORD = re.compile(r"\b[a-z]{4,}\b")

# Words that tell what follows, so that no other word may stand for them.
GUIDES = {"from", "with", "near", "since", "until", "before", "after", "between", "named", "through", "across", "born", "lives", "lived"}
INVENTED = 0.2

NOUNS = """apple bag ball band bank bed bike bill bird boat book bottle box bread bridge bus cake camera car card cat chair child church
city class clock coat coffee company computer concert cook country course dance day deal dinner doctor dog door dress driver email exam
factory family farm film fire fish flat flight flower food friend game garden garment gate gift glass group guitar hall hat hill holiday
home hospital hotel house idea island jacket job key kitchen lake lamp lesson letter library line list lunch machine map market meal
meeting message milk mirror money morning mountain museum music night note number office order paper park party pen people phone photo
picture piece plan plane plant plate poem price prize problem project question radio rain report restaurant result river road room sale
school sea ship shirt shoe shop shower snow song station store story street student summer
sun table team test theatre ticket tool tour
tower town train tree trip umbrella village visit wall watch water weather wedding week wind window winter woman word work""".split()
JOBS = """actor artist baker builder captain carpenter coach cook dancer dentist designer doctor driver engineer farmer gardener judge
king lawyer manager mayor minister musician nurse painter pilot poet president professor queen reporter sailor scientist singer student
teacher waiter writer""".split()
ADJECTIVES = """amazing bad beautiful big black boring bright broken busy calm cheap clean cold dark different difficult dirty early empty
excellent expensive famous fast fine free fresh friendly full funny good great green happy heavy high hot important interesting large late
long lovely loud new nice old open perfect poor quick quiet red rich right sad short slow small strange strong tall terrible tired ugly
useful warm weak wet white wide wonderful wrong yellow young""".split()
VERBS = """accept agree allow answer appear arrive become begin believe break bring build carry catch change choose climb close collect
cost count cover cross decide draw dream drink drop earn enjoy enter explain fall feel fight fill find follow forget gather
grow guess happen hear hide hold hope hurry join jump keep kick know laugh learn leave lend listen look lose love make mean
mend need notice offer order pack pass plan play pray promise pull push reach remember repair repeat rest return ride ring
rise roll save search seem send serve shake share shine shout show sing sleep smell smile speak spend stand start steal stop
study suffer swim teach tell thank think throw touch train travel try turn understand use wait wake walk warn wash waste wear
whisper wish wonder work worry write""".split()
TITLES = ["Mr.", "Mrs.", "Ms.", "Dr.", "Professor", "President", "Captain", "Aunt", "Uncle", "King", "Queen", "Mayor", "Sir"]
RELATIONS = ["my friend", "our neighbour", "her brother", "his sister", "their daughter", "my colleague", "her husband", "his wife",
             "the young", "the old", "my cousin", "our teacher", "your boss", "the famous"]
OTHERS = ["English", "French", "German", "Spanish", "the Internet", "Windows", "Google", "United Bank", "Acme Ltd", "the Red Cross",
          "Christmas", "the Times", "Coca-Cola", "NATO", "the BBC", "Java", "Linux", "a Nobel Prize", "the Olympic Games", "Ford"]

SUBJECTS = ["{person}", "{person}", "{person}", "{person}", "{person}", "{person} and {person}", "{person}, {person} and {person}",
            "{title} {person}", "{relation} {person}", "the {job} {person}", "the {job}", "my {noun}", "the {adjective} {noun}", "she",
            "he", "they", "we", "I", "everyone", "nobody", "a {job} named {person}", "{person}, a {job} from {place},", "{person}'s {noun}",
            "{person}, who was born in {place},", "{noun}s", "{adjective} {noun}s", "some {noun}s", "{other}"]
ACTIONS = ["lives in {place}", "lived in {place}", "was born in {place}", "moved to {place}", "moved from {place} to {place}",
           "flew from {place} to {place}", "works in {place}", "worked for {other} in {place}", "met {person} in {place}",
           "visited {place}", "visited {person}", "visited {person} in {place}", "opened a {noun} in {place}", "returned to {place}",
           "travelled through {place}", "studied in {place}", "grew up near {place}", "died in {place}", "drove to {place}",
           "went to {place} with {person}", "took the {noun} to {place}", "stayed in {place}", "is from {place}", "came from {place}",
           "bought a {noun}", "sold the {noun} to {person}", "wrote a {noun} to {person}", "married {person}", "called {person}",
           "finished the {adjective} {noun}", "sent {person} a {noun}", "talked about the {noun} with {person}", "likes {noun}s",
           "is a {adjective} {job}", "wants a {adjective} {noun}", "has {number} {noun}s", "paid {number} euros for a {noun}",
           "invited {person} and {person}", "gave {person} the {noun}", "speaks {other}", "was {adjective}",
           "won a {noun} against {person}", "painted {person}", "found {person}'s {noun}", "asked {person} about {place}",
           "will see {person}", "is the {job} of {place}",
           "and {person} went to {place}", "started at {number}:30", "cost {number} dollars", "left {place}", "misses {place}",
           "arrived in {place}", "works with {person} on a {noun}", "read a {noun} by {person}", "loves {person}", "hates {noun}s",
           "bought a {noun} in {place} for {person}", "walked across {place}", "thanked {person}", "never went to {place}"]
TIMES = ["on {day}", "in {period}", "{moment}", "since {period}", "until {day}", "before {day}", "after {period}", "by {day}",
         "from {day} to {day}", "between {period} and {period}", "for {number} hours", "at {number} o'clock", "in the morning"]
WHOLE = ["{place} is the capital of {place}", "{place} has a {adjective} {noun}", "The {noun}s in {place} were {adjective} {moment}",
         "The train from {place} to {place} leaves on {day}", "The {noun} starts on {day} and ends on {day}", "My birthday is {day}",
         "The mayor of {place} met {person}", "Flights to {place} start in {period}", "Dear {person}, thank you for the {noun}",
         "\"I like the {noun},\" said {person}", "\"{place} is {adjective},\" {person} told {person}",
         "{person}: the {noun} is {adjective}",
         "The {noun} was written by {person} in {period}", "The {noun} was painted by {person}", "Where is {person}", "Who is {person}",
         "Is {place} {adjective}", "How far is {place} from {place}", "When did {person} leave {place}", "Did {person} call {moment}",
         "Best wishes, {person}", "Hello {person}, are you in {place} {moment}", "We went to {place}, {place} and {place}",
         "{person} ({place}) won the {noun}", "Please send the {noun} to {person} in {place}", "{place}, {place}", "{place}, {day}",
         "The {noun} in {place}, {place}, was {adjective}", "{person} from {place} and {person} from {place} met {moment}",
         "{day} was a {adjective} day", "{moment} was {adjective}", "Between {place} and {place} there is a {adjective} {noun}",
         "The winner is {person}", "This {noun} belongs to {person}", "{person} vs. {person}", "Call {person} on {day}", "Room {number}",
         "The {noun} of {place}", "The people of {place} are {adjective}", "News from {place}", "A {noun} near {place} was {adjective}",
         "{noun}s are {adjective}", "{adjective} {noun}s are {adjective}", "I bought {number} {noun}s", "It is {adjective} in {place}",
         "{person} was {number} years old", "See you in {place} on {day}", "Love, {person}", "{title} {person} is here", "{person}",
         "The company {other} opened an office in {place}", "I read {other}", "{other} is {adjective}", "{person} and I met in {place}",
         "The {noun} is {adjective}, but the {noun} is {adjective}", "Take the {noun} and turn right", "Let us meet at the {noun}",
         "From {place} you can see {place}", "Born in {place} in {period}, {person} was a {job}", "Thanks, {person}"]


class Sentences:
    def __init__(self, random, held_out):
        self.random, self.names = random, Names(random, held_out)
        self.letters = Letters(NOUNS + JOBS + ADJECTIVES + VERBS, held_out, random)
        self.words = {"noun": NOUNS, "job": JOBS, "adjective": ADJECTIVES, "title": TITLES, "relation": RELATIONS, "other": OTHERS}

    def make(self):
        """A sentence and its entities: start, end and label of each."""
        text, entities, at = "", [], 0
        template = self.template()
        for slot in SLOT.finditer(template):
            text += self.varied(template[at:slot.start()])
            filled, at = self.fill(slot[1], is_first=not text), slot.end()
            if not text and not filled[0].isupper():
                filled = filled[0].upper() + filled[1:]
            if slot[1] in ENTITIES:
                entities.append((len(text), len(text) + len(filled), ENTITIES[slot[1]]))
            text += filled
        return text + self.varied(template[at:]), entities

    def varied(self, words):
        """Puts invented words for some, so that the model also reads sentences with words that it has never seen."""
        return WORD.sub(lambda word: self.invented(word[0]), words)

    def invented(self, word):
        is_kept = word in GUIDES or self.random.random() >= INVENTED
        return word if is_kept else self.letters.make().lower() + self.random.choice(["", "", "s", "ed", "ing"])

    def template(self):
        random = self.random
        if random.random() < 0.35:
            sentence = random.choice(WHOLE)
        else:
            sentence = f"{random.choice(SUBJECTS)} {random.choice(ACTIONS)}"
            if random.random() < 0.25:
                sentence += f" {random.choice(['and', 'and then', 'but', 'because she', 'when he', 'while {person}', 'where {person}'])} " \
                            + random.choice(ACTIONS)
            if random.random() < 0.5:
                time = random.choice(TIMES)
                sentence = f"{sentence} {time}" if random.random() < 0.6 else f"{time}, {sentence}" if random.random() < 0.7 \
                    else f"{time} {sentence}"
        if not sentence.startswith("{"):
            sentence = sentence[0].upper() + sentence[1:]
        return sentence + random.choice([".", ".", ".", ".", "!", "?", ""])

    def fill(self, slot, is_first):
        """An invented word that begins a sentence looks like a name, so no other than a known one begins it."""
        if slot == "number":
            return str(self.random.choice([self.random.randint(1, 30), self.random.randint(1, 999), self.random.randint(1000, 9999)]))
        if slot not in self.words:
            return getattr(self.names, slot)()
        word = self.random.choice(self.words[slot])
        return word if is_first or slot in ("title", "other") else self.varied(word)
