"""Requests to an assistant, each said in many ways: what to do, with what, and when.

Some pairs of a deed and a thing are held out: they are never made for training.
"""

import zlib

DEEDS = ["buy|purchase|get me|order", "sell|find a buyer for|put up for sale", "repair|fix|mend", "clean|wash|tidy up",
         "find|look for|search for", "hide|conceal|put out of sight", "paint|colour|put new paint on", "send|mail|post",
         "throw away|get rid of|bin",
         "rent|hire|borrow for money", "describe|tell me about|explain", "count|tell me the number of|find out how many are",
         "compare|show the difference between|weigh up", "photograph|take a picture of|get a photo of", "open|unlock|unseal",
         "close|shut|lock", "move|shift|carry over", "measure|take the size of|find the length of"]
THINGS = ["car|automobile|vehicle", "house|home|residence", "bicycle|bike|two-wheeler", "sofa|couch|settee", "picture|painting|artwork",
          "letter|message|note", "shop|store|boutique", "child's toys|playthings|dolls and blocks", "dog|hound|puppy",
          "film|movie|motion picture", "phone|mobile|smartphone", "garden|yard|lawn", "coat|jacket|parka", "computer|laptop|notebook",
          "boat|ship|vessel",
          "road|street|lane", "garbage|trash|rubbish", "stone|rock|pebble", "forest|woods|woodland", "meal|dinner|supper"]
TIMES = ["now|right away|at once|immediately", "tomorrow|the next day|in a day", "tonight|this evening|after sunset", "", "", ""]
FORMS = ["{deed} the {thing} {time}", "please {deed} the {thing} {time}", "could you {deed} the {thing} {time}?",
         "I want you to {deed} the {thing} {time}", "{time} you should {deed} the {thing}",
         "would you mind if I ask you to {deed} the {thing} {time}?",
         "I need someone to {deed} the {thing} {time}", "it is time to {deed} the {thing} {time}", "{deed} that {thing} {time}, please",
         "can we {deed} our {thing} {time}?", "let us {deed} this {thing} {time}"]
# Words that mean little here. They stand anywhere, so that the model learns to overlook them.
FILLERS = """a after again all also always and any anybody are as at be because been before but did does dear each even everybody for friend
from give going has have he help her here him his how i if in is it its just kindly like may me might mine must my new of often old on one
only or our ours own put quite really said says she should so some somebody someone soon still such than thanks them then there they think
to today together too us want wants was we well were what when where which who why will wish with would yes your yours""".split()


def is_held_out(deed, thing):
    return zlib.crc32(f"{deed} {thing}".encode()) % 5 == 0


def meaning(random, held_out=False):
    while True:
        deed, thing = random.choice(DEEDS), random.choice(THINGS)
        if is_held_out(deed, thing) == held_out:
            return deed, thing, random.choice(TIMES)


def say(random, deed, thing, time):
    text = random.choice(FORMS)
    for slot, words in (("{deed}", deed), ("{thing}", thing), ("{time}", time)):
        text = text.replace(slot, random.choice(words.split("|")))
    words = text.split()
    for _ in range(random.randrange(4)):
        words.insert(random.randrange(len(words) + 1), random.choice(FILLERS))
    text = " ".join(words).replace(" ,", ",").replace(" ?", "?")
    return text[0].upper() + text[1:]
