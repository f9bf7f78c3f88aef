#!/usr/bin/env python3
"""Writes unicode.bin, the Unicode properties that .NET lacks without ICU.

Needs Python's unicodedata and Perl's Unicode::UCD, both of Unicode 14 or later. Hugging Face's tokenizers 0.22 uses older versions of
Unicode for its parts. Characters of later versions are left out here, so that token ids are the same:

- decompositions, compositions and combining classes: Unicode 9
- combining marks (StripAccents) and assigned characters (UnicodeScripts): Unicode 9
- nonspacing marks, punctuation and control characters (BertNormalizer, BertPreTokenizer, Punctuation): Unicode 8
- scripts and alphabetic characters (regular expressions): Unicode 16, without the scripts that Unicode 15 and 16 added

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


def listed(text):
    """Returns the code points of a text such as "41-5A 5F"."""
    ends = [[int(end, 16) for end in part.split('-')] for part in text.split()]
    return {code for part in ends for code in range(part[0], part[-1] + 1)}


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
# The characters that Unicode 15 and 16 added to these scripts.
for name, added in {
        'Arabic': '897 10EC2-10EC4 10EFC-10EFF',
        'Balinese': '1B4E-1B4F 1B7F',
        'Common': '2427-2429 2FFC-2FFF 31E4-31E5 31EF 1CC00-1CCF9 1CD00-1CEB3 1D2C0-1D2D3 1F6DC 1F774-1F776 1F77B-1F77F 1F7D9 '
                  '1F8B2-1F8BB 1F8C0-1F8C1 1FA75-1FA77 1FA87-1FA89 1FA8F 1FAAD-1FAAF 1FABB-1FABF 1FAC6 1FACE-1FACF 1FADA-1FADC 1FADF '
                  '1FAE8-1FAE9 1FAF7-1FAF8 1FBCB-1FBEF',
        'Cyrillic': '1C89-1C8A 1E030-1E06D 1E08F',
        'Devanagari': '11B00-11B09',
        'Egyptian_Hieroglyphs': '1342F 13439-13455 13460-143FA',
        'Han': '2B739 2EBF0-2EE5D 31350-323AF',
        'Hiragana': '1B132',
        'Kannada': 'CF3',
        'Katakana': '1B155',
        'Khitan_Small_Script': '18CFF',
        'Khojki': '1123F-11241',
        'Lao': 'ECE',
        'Latin': 'A7CB-A7CD A7DA-A7DC 1DF25-1DF2A',
        'Myanmar': '116D0-116E3'}.items():
    scripts |= dict.fromkeys(listed(added), name)
write_map({code: names.index(name) + 1 for code, name in scripts.items()})
write_set({code for code in CODES if age(code) <= 9})
# The marks became alphabetic in Unicode 15 and 16. The letters of these versions are alphabetic by their category.
write_set({code for code in CODES if ALPHABETIC(code) == 'Y'} | listed(
    '363-36F 897 C04 CF3 F82-F83 1DD3-1DE6 10D69 10EFC 11080-11081 11241 113B8-113C0 113C2 113C5 113C7-113CA 113CC-113CD '
    '11F00-11F01 11F03 11F34-11F3A 11F3E-11F40 1611E-1612E 1E08F'))

pathlib.Path(__file__).with_name('unicode.bin').write_bytes(output)
print(len(output), 'bytes; Unicode', unicodedata.unidata_version)
