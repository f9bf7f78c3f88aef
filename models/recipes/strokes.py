"""Draws digits as people do with a mouse: strokes in many styles and hands, to train the `digits` model on."""

import numpy as np

# The styles of each digit. A stroke is a list of points, two digits each for x and y from 00 to 99, y downwards.
# An exclamation mark makes a sharp corner of a point. A slash begins the next stroke.
STYLES = {
    0: [
        "5000 2508 0830 0555 1282 3599 6297 8878 9548 8518 6503 5000", "7208 4500 2012 0640 1075 3097 6099 8880 9650 8520 6004 4208",
        "4503 7505 9530 9560 7892 5099 2090 0560 0828 2508 5202", "5502 2808 0832 0560 2090 4899 7890 9462 9232 7510",
        "8015 5500 2010 0535 0570 2595 6099 9075 9535 7008 5502 3012", "5000 1215 0050 1285 5099 8885 9950 8815 5000",
        "6018 5003 2010 0540 0875 3599 7092 9560 8525 6005 4515", "3015 4500 7008 9535 9070 6598 3095 0865 0835 2510 5005 7515",
    ],
    1: [
        "5000 5099", "5000 4830 5260 5099", "2025 5000! 5099", "0838 5800! 5899", "3215 5200! 5099", "1530 4512 5500! 5599",
        "2025 5000! 5099 / 1599 8599", "1030 5500! 5599 / 2599 8099", "2025 5000! 5099! 2099! 8099", "5000 5099 / 2099 8099",
        "2822 5500! 5299 / 3099 7899", "0045 3025 5500! 5599", "1825 3812 5000! 5099 / 0599 9599", "1030 5000! 5099 / 1099 9099",
        "1560 5500! 5099", "0550 4500! 4599", "4035 5200! 4899", "3560 5500! 5099", "3045 5500! 5099",
    ],
    2: [
        "0822 2503 5500 8212 8532 6558 3580 0599! 9599", "1022 3003 6000 8515 8238 6065 3588 1597 0888 2080 4088 6597 9595",
        "1015! 8808! 1095! 9595", "1025 3002 6502 8822 7550 4078 0897! 4090 7096 9599", "0530 1210 4500 8008 9030 7058 3088 0599! 9598",
        "1520 4000 7508 8030 6560 0999! 5092 9588", "0515 4000 8805 9235 5068 0597 2085 5090 9899",
        "1230 2508 5500 8015 8035 5065 1097! 9097", "0505 6000 9018 8545 4580 0599! 9999",
        "1530 2505 6000 8520 7555 4085 1599 0590 1578 4585 7099 9995", "0818 5000 9018 7055 2095! 5595 9590",
        "2015 3500 5505 5525 3560 0585! 5080 9990", "1515 4500 8512 8035 4570 0599! 4592 7592",
        "2530 3005 6000 7515 7035 4565 0590! 4085 9099",
    ],
    3: [
        "1010 4000 7806 8525 6543 3548! 7052 9272 8093 4599 0888", "0802! 8802! 4540! 8050 9272 7893 4599 0890",
        "1212 4500 8212 8035 5547 3850 4542 6048 9065 8590 5099 1090", "1015 4000 8010 7835 5048 8058 9278 7097 3599 0585",
        "0508 5000 8515 7540 4548! 8560 9080 6098 2098 0590", "1500 6502 8520 7042 3550! 7555 8578 6595 3099 1092",
        "0503! 9003! 5045! 8558 9080 6099 2597 0585", "0510 3500 7503 8520 6040 3048! 6550 9570 8090 5099 1590",
        "1005 5000 9510 8030 4548! 8058 9580 6099 0595", "2012 5500 8510 7035 4045 7550 8570 7090 4099 1095",
        "0803 8500! 6025 4042! 7545 9065 8590 5099 1592", "1002! 8800! 5038! 8048 9575 7595 4099 1092",
        "2505 6000 8512 7030 4540! 8048 9570 7592 3599 0595", "1508 4500 7015 6030 4038! 8050 9570 7592 3599 0590",
        "0015 2500 6005 7022 5038 3542! 7548 9565 9088 6099 3595", "2010 5000 7515 6532 4540 4545 5042 8050 9072 7095 4099 1090",
    ],
    4: [
        "1500 0855! 9255 / 7215 7299", "6500! 0565! 9565 / 6500 6599", "9565! 0565! 6500! 6599",
        "2000 1230 1552 4058 8052 / 8500 8050 7599", "1000 1050! 8550 / 8500 8599", "2500 0555! 9052 / 6025 5099",
        "1205 1045 3558 7550 8505! 8099", "3000 0560! 9560 / 6035 6099", "7000! 0870! 9970 / 7000 6899", "0505 0550! 7550 / 7000 7099",
        "4500 2530 0560! 9558 / 7030 6599", "9062! 0562! 7000! 7099", "2500 1025 0850 3558 9050 / 8002 7550 7099",
        "3000 1545 1060! 5058 9052 / 7530 7065 6599", "2500 1550 2560 6055 8550 / 6530 6099",
    ],
    5: [
        "2000 1545 5038 8552 9075 7097 3599 0888 / 2002 9002", "9002! 2002! 1545! 5036 8855 8880 6099 2598 0588",
        "8808 5000 2012 2238 5548 8862 8588 5099 1090", "9000! 1500! 1545! 7045 9060 8585 6099 1097",
        "1500 1242! 5538 8858 8285 5099 1092 / 1500 8503", "8500! 2500! 1542 5040 9060 8090 4099 1085",
        "2505 2048 5540 9060 8090 4099 0590 / 2505 9500", "9505 3000 2510 1545! 5542 8565 7092 3599 0590",
        "9502! 3500! 2540! 5038 8055 8080 5599 1095", "9808 6002 3000! 2045 5540 8558 8085 5099 1090",
        "2000 1540! 5035 8050 8578 6097 2598 / 2000 9900",
    ],
    6: [
        "7500 4015 1250 1080 3599 7097 9078 7558 4555 1572", "6000 2050 0875 2597 6099 8585 8062 5052 2065",
        "8510 6000 3010 0845 1080 4099 7595 9072 7252 4052 1270", "5500 3030 1265 2093 5099 7588 7268 5062 2572 1880",
        "4000 1535 0570 2598 7099 9575 7552 3555 1075", "9008 5505 2025 0855 1088 5099 8882 7055 3050 1262",
        "3000 1040 0880 4099 8590 9070 6055 2560 1085", "7000 3520 1050 0580 3099 7598 9580 8060 4550 1565 0880",
        "6000 2540 0575 2598 7095 8575 6062 3070 1585", "5000 2535 1070 2595 6097 8580 7065 4565 2080",
        "5500 3035 2065 2590 5599 7585 7068 5060 3575", "6500 3035 0870 1092 4099 7585 8070 6060 3570 1088",
        "5500 2045 0575 1595 5099 8590 9072 6562 3068 1085",
    ],
    7: [
        "0503! 9203! 4099", "0503! 9203! 4099 / 2550 8050", "0505! 9005 7040 5070 4299", "0820! 0803! 9203! 4599",
        "0820! 0803! 9203! 4599 / 2552 8048", "1005! 8005! 7599", "0512 2003 5008 9202! 4599", "0505! 9505 7545 5599 / 3550 9550",
        "0008! 9500! 3099", "1003! 8503! 5550 5099", "0502! 9502! 5055 2599", "0503 7000 9008 8030 5565 4099 / 3055 8555",
        "1002! 8502! 6599", "0508 3003 9500! 6035 4570 4099", "0520 1505 5008 9502! 5599 / 3050 8545",
    ],
    8: [
        "7812 5000 2210 2232 5048 8265 8588 5099 1588 1865 5048 8030 7812",
        "5000 2210 2033 5048 8033 7810 5000 / 5048 1262 1088 5099 9088 8862 5048",
        "5048 2030 3005 6502 8015 7535 5048 2060 1085 4099 8090 8865 5048", "8508 5500 2012 2536 6052 8870 8095 4599 1285 2562 6042 9220",
        "2212 5000 7812 7534 5048 1565 1588 5099 8588 8265 5048 2230 2212", "8005 4000 1515 2535 7060 8585 5599 1592 1070 4552 8030 8505",
        "5000 2500 1520 3042 6050 8570 8090 5099 2090 1570 3552 7042 8520 7002 5000",
        "5045 2035 2008 5000 8010 7835 5045 1565 1590 5099 8888 8565 5045", "9010 6000 3010 3530 6050 7575 5599 2090 2570 5550 8530 9512",
        "8505 5500 2515 3035 6055 7075 5599 2095 2070 5545 8505",
    ],
    9: [
        "8525 6502 3002 1022 1545 4552 7542 8620! 8599", "8522 6000 2505 1028 2550 6048 8525 8855 7585 4599 1592",
        "8020 5000 1812 1538 4550 7535 8215! 6099", "8505! 2008 1240! 8042 / 8505 8599", "8022 5502 2208 1228 2848 5847 8025 / 8000 8099",
        "9010 5000 1015 1045 5052 8535 9005! 9070 7099 3595", "7525 6005 3000 1015 1040 4050 7030 8010! 7055 5099",
        "8515 5500 2010 1035 3555 7045 8515! 8599", "9020 6000 2008 0835 3055 7545 8815! 7560 4599",
        "8508 4500 1020 2045 6042 8808! 8560 6595 2090", "8820 5500 1510 1035 4050 8025! 8875 6099 2592",
        "8515 4500 1025 3548 8030! 8580 6599 3595 1580", "8520 6002 3000 0825 2045 5542 8018! 7599",
        "9012 5500 1512 1030 4545 8525 9008! 9060 8599", "7012 4500 1510 1035 4050 7045 8835! 8875 6599 3099 1585",
        "6510 4000 1015 1038 4050 7545 8530! 8075 5599 2095", "7008 4000 1020 1545 5052 8038! 8599",
    ],
}

# Width of a digit of height 1, before it varies.
WIDTHS = {0: 0.82, 1: 0.5, 2: 0.82, 3: 0.68, 4: 0.68, 5: 0.74, 6: 0.6, 7: 0.7, 8: 0.62, 9: 0.58}

STYLE_STROKES = {digit: [[[(int(point[:2]) / 99, int(point[2:4]) / 99, point.endswith("!")) for point in stroke.split()]
                          for stroke in style.split("/")] for style in styles] for digit, styles in STYLES.items()}


def draw(random, digit):
    """Returns the strokes of one drawing, in units of a canvas of 256 x 256."""
    styles = STYLE_STROKES[digit]
    hand = Hand(random, WIDTHS[digit])
    return hand.place([hand.trace(stroke) for stroke in styles[random.integers(len(styles))]])


class Hand:
    """One person's way to move the mouse during one drawing."""

    def __init__(self, random, width):
        self.random = random
        self.width = width * np.exp(random.normal(0, 0.28))
        self.slant, self.turn = random.normal(0, 0.28), random.normal(0, 0.11)
        self.sloppiness = random.uniform(0.008, 0.06)
        self.tremor = random.exponential(0.006)
        self.size = random.uniform(35, 230)
        # A fast mouse reports few points, and the page joins them by straight lines.
        self.spacing = np.exp(random.uniform(np.log(0.03), np.log(0.2)))
        self.roundness = random.choice([0, 0.5, 1, 1, 1])
        self.wave = random.normal(0, 0.03, (2, 2)), random.uniform(0, 2 * np.pi, (2, 2))

    def trace(self, stroke):
        """The path of one stroke, in units of the digit's height, from its style's points."""
        random = self.random
        points = np.array([point[:2] for point in stroke]) * [self.width, 1]
        points = points + random.normal(0, self.sloppiness, points.shape) + random.normal(0, self.sloppiness / 2, 2)
        path = sample(self.overshoot(points), [point[2] for point in stroke], self.roundness)
        return resample(self.bend(path), self.spacing)

    def overshoot(self, points):
        """Begins and ends a stroke somewhat too early or too late."""
        points = points.copy()
        for end, neighbour in ((0, 1), (-1, -2)):
            points[end] += (points[end] - points[neighbour]) * self.random.normal(0, 0.12)
        return points

    def bend(self, path):
        """Distorts the plane slowly, as a whole digit that is badly proportioned."""
        heights, phases = self.wave
        shift = sum(height[:, None] * np.sin((i + 1) * np.pi * path[:, ::-1].T + phase[:, None])
                    for i, (height, phase) in enumerate(zip(heights, phases)))
        return path + shift.T

    def place(self, strokes):
        """Slants, turns and scales the drawing, and rounds its points as a mouse does."""
        cos, sin = np.cos(self.turn), np.sin(self.turn)
        matrix = np.array([[1, 0], [-self.slant, 1]]) @ np.array([[cos, sin], [-sin, cos]])
        corner = self.random.uniform(0, 256 - self.size, 2)
        return [np.round(((stroke + self.random.normal(0, self.tremor, stroke.shape)) @ matrix) * self.size + corner)
                for stroke in strokes]


def sample(points, corners, roundness):
    """Joins the points by curves (a Catmull-Rom spline) that are straight where roundness is 0 or a corner is sharp."""
    tangents = np.gradient(points, axis=0) * roundness
    before, after = tangents.copy(), tangents.copy()
    for i, is_corner in enumerate(corners):
        if is_corner or i in (0, len(points) - 1):
            before[i] = points[i] - points[i - 1] if i > 0 else 0
            after[i] = points[i + 1] - points[i] if i + 1 < len(points) else 0
    t = np.linspace(0, 1, 12, endpoint=False)[:, None]
    curves = [hermite(points[i], points[i + 1], after[i], before[i + 1], t) for i in range(len(points) - 1)]
    return np.concatenate([*curves, points[-1:]])


def hermite(start, end, leaving, arriving, t):
    return ((2 * t + 1) * (1 - t) ** 2 * start + t * (1 - t) ** 2 * leaving
            + t ** 2 * (3 - 2 * t) * end + t ** 2 * (t - 1) * arriving)


def resample(path, spacing):
    """Points at about equal distances along the path, its ends among them."""
    lengths = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    wanted = np.linspace(0, lengths[-1], max(2, int(round(lengths[-1] / spacing)) + 1))
    return np.stack([np.interp(wanted, lengths, path[:, axis]) for axis in (0, 1)], axis=1)
