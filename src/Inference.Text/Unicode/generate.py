#!/usr/bin/env python3
"""Writes unicode.bin, the Unicode properties that .NET lacks without ICU.

Needs Python's unicodedata and Perl's Unicode::UCD, both of Unicode 14 or later. Hugging Face's tokenizers 0.22 uses older versions of
Unicode for its parts. Characters of later versions are left out here, so that token ids are the same:

- decompositions, compositions and combining classes: Unicode 9
- combining marks (StripAccents) and assigned characters (UnicodeScripts): Unicode 9
- nonspacing marks, punctuation and control characters (BertNormalizer, BertPreTokenizer, Punctuation): Unicode 8
- scripts and alphabetic characters (regular expressions): Unicode 14, with the ideographs and marks of Unicode 16

UnicodeReader.cs describes and reads the format.
"""
import bisect
import pathlib
import subprocess
import sys
import unicodedata


def perl_property(name):
    program = ('use Unicode::UCD qw(prop_invmap); my ($l, $m) = prop_invmap("%s"); '
               'for my $i (0..$#$l) { printf "%%d %%s\\n", $l->[$i], $m->[$i]; }' % name)
    lines = subprocess.run(['perl', '-e', program], check=True, capture_output=True, text=True).stdout.split('\n')
    pairs = [line.split() for line in lines if line]
    starts, values = [int(start) for start, _ in pairs], [value for _, value in pairs]
    return lambda code: values[bisect.bisect_right(starts, code) - 1]


AGE, SCRIPT, ALPHABETIC = perl_property('Age'), perl_property('Script'), perl_property('Alphabetic')
CODES = [code for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]


def age(code):
    value = AGE(code)
    return 99.0 if value == 'Unassigned' else float(value.lstrip('V').replace('_', '.'))


def category(code):
    return unicodedata.category(chr(code))


output = bytearray()


def number(value):
    while value >= 0x80:
        output.append(value & 0x7F | 0x80)
        value >>= 7
    output.append(value)


def ranges(codes):
    result = []
    for code in sorted(codes):
        if result and result[-1][1] == code:
            result[-1][1] = code + 1
        else:
            result.append([code, code + 1])
    return result


def write_set(codes):
    pairs = ranges(codes)
    number(len(pairs))
    last = 0
    for start, end in pairs:
        number(start - last)
        number(end - start)
        last = end


def write_map(values):
    """Writes a number for each code point. Code points without a number are left out."""
    runs = []
    for code in sorted(values):
        if runs and runs[-1][1] == code and runs[-1][2] == values[code]:
            runs[-1][1] = code + 1
        else:
            runs.append([code, code + 1, values[code]])
    number(len(runs))
    last = 0
    for start, end, value in runs:
        number(start - last)
        number(end - start)
        number(value)
        last = end


def write_strings(values):
    number(len(values))
    last = 0
    for code in sorted(values):
        number(code - last)
        number(len(values[code]))
        for letter in values[code]:
            number(ord(letter))
        last = code


normalized = [code for code in CODES if age(code) <= 9 and not 0xAC00 <= code <= 0xD7A3]
canonical = {code: unicodedata.normalize('NFD', chr(code)) for code in normalized}
canonical = {code: text for code, text in canonical.items() if text != chr(code)}
compatible = {code: unicodedata.normalize('NFKD', chr(code)) for code in normalized}
compatible = {code: text for code, text in compatible.items() if text != canonical.get(code, chr(code))}
pairs = {}
for code in canonical:
    parts = unicodedata.decomposition(chr(code)).split()
    if len(parts) == 2 and unicodedata.normalize('NFC', chr(code)) == chr(code):
        pairs[code] = ''.join(chr(int(part, 16)) for part in parts)

write_strings(canonical)
write_strings(compatible)
write_strings(pairs)
write_map({code: unicodedata.combining(chr(code)) for code in CODES if age(code) <= 9 and unicodedata.combining(chr(code))})

# The corrections restore the categories that some characters had in the older version.
write_set({code for code in CODES if age(code) <= 9 and category(code)[0] == 'M'} - {0x111C9} | {0x1CF2, 0x1CF3})
write_set({code for code in CODES if age(code) <= 8 and category(code) == 'Mn'} - {0x1885, 0x1886, 0xA9BD, 0x111C9} | {0x1734})
write_set({code for code in CODES if age(code) <= 8 and category(code)[0] == 'P'} | {0x166D, 0x111C9})
write_set({code for code in CODES if age(code) <= 8 and category(code) in ('Cc', 'Cf', 'Co')})

# The names of the scripts come first. The number of a script is its position among the sorted names, from 1.
names = sorted({SCRIPT(code) for code in CODES} - {'Unknown'})
write_strings(dict(enumerate(names)))
scripts = {code: SCRIPT(code) for code in CODES if SCRIPT(code) != 'Unknown'}
# The ideographs of Unicode 15 and 16.
scripts |= dict.fromkeys([0x2B739, *range(0x2EBF0, 0x2EE5E), *range(0x31350, 0x323B0)], 'Han')
write_map({code: names.index(name) + 1 for code, name in scripts.items()})
write_set({code for code in CODES if age(code) <= 9})
# The marks became alphabetic in Unicode 15 and 16.
write_set({code for code in CODES if ALPHABETIC(code) == 'Y'}
          | {0x897, 0xC04, 0xCF3, 0xF82, 0xF83} | set(range(0x363, 0x370)) | set(range(0x1DD3, 0x1DE7)))

pathlib.Path(__file__).with_name('unicode.bin').write_bytes(output)
print(len(output), 'bytes; Unicode', unicodedata.unidata_version)
