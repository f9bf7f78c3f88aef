"""Short reviews, good or bad, put together of parts by chance.

Some pairs of a thing and an opinion are held out: they are never made for training.
"""

import zlib

THINGS = """album app bed beer bike book breakfast cake camera car chair coat coffee concert course dinner dress film food game garden guide
hotel house jacket keyboard lamp lesson meal movie museum music phone play pizza restaurant room salad sandwich screen series service shoes
show song soup staff story tea tour toy trip view watch waiter website wine""".split()
GOOD = """amazing attractive beautiful brilliant charming clean comfortable cool delicious delightful enjoyable excellent fabulous fantastic
fast fine friendly fun funny good great happy helpful impressive interesting lovely nice outstanding perfect pleasant quick reliable
superb useful warm wonderful""".split()
BAD = """annoying awful bad boring broken cheap cold confusing dirty disappointing disgusting dreadful dull expensive horrible loud nasty
noisy poor rude sad slow stupid tasteless terrible tiring ugly unfriendly unpleasant useless weak worthless wrong""".split()
LIKED = ["liked", "loved", "enjoyed", "recommend", "adored", "like", "love", "enjoy"]
DISLIKED = ["hated", "disliked", "regret", "hate", "dislike", "returned", "regretted"]
VERY = ["", "", "", "very ", "really ", "so ", "quite ", "extremely ", "absolutely "]
NOT = ["was not", "is not", "wasn't", "isn't", "was never", "was hardly", "were not"]
IS = ["was", "is", "were", "are", "seems", "looked", "felt", "turned out", "has been"]
LEAD = ["", "", "", "", "honestly, ", "I think that ", "in my opinion, ", "we found that ", "to be honest, ", "my friends say "]
END = [".", ".", ".", "!", "", " for the price.", " this time.", " on the whole.", " from start to end.", "..."]


def is_held_out(thing, opinion):
    return zlib.crc32(f"{thing} {opinion}".encode()) % 4 == 0


def make(random, held_out=False):
    """A review and 1 when it is good, else 0."""
    while True:
        thing, good = random.choice(THINGS), random.random() < 0.5
        opinion = random.choice(GOOD if good else BAD)
        if is_held_out(thing, opinion) == held_out:
            return sentence(random, thing, opinion, good)


def sentence(random, thing, opinion, good):
    kind = random.random()
    the = random.choice(["the", "the", "this", "their", "our", "my"])
    if kind < 0.4:
        negated = random.random() < 0.4
        text, good = f"{the} {thing} {random.choice(NOT if negated else IS)} {random.choice(VERY)}{opinion}", good != negated
    elif kind < 0.5:
        text = random.choice([f"what a {opinion} {thing}", f"such a {opinion} {thing}", f"a {random.choice(VERY)}{opinion} {thing}",
                              f"{opinion} {thing}", f"it was a {random.choice(VERY)}{opinion} {thing}"])
    elif kind < 0.75:
        negated = random.random() < 0.35
        verb = random.choice(LIKED if good else DISLIKED)
        how = random.choice(["do not", "don't", "did not", "didn't", "never", "would not"]) + " " if negated else random.choice(VERY[:5])
        who, end = random.choice(["I", "we", "I", "they"]), random.choice([" very much", " at all", "", ""])
        text, good = f"{who} {how}{verb} {the} {thing}{end}", good != negated
    elif kind < 0.9:
        other = random.choice(BAD if good else GOOD)
        first = f"the {random.choice(THINGS)} {random.choice(IS)} {other}"
        text = f"{first}, but {the} {thing} {random.choice(IS)} {random.choice(VERY)}{opinion}"
    else:
        text = f"{the} {thing} {random.choice(IS)} {opinion} and {random.choice(VERY)}{random.choice(GOOD if good else BAD)}"
    text = random.choice(LEAD) + text + random.choice(END)
    return text[0].upper() + text[1:], int(good)
