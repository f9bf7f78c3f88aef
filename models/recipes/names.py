"""Names of people and places, and dates, for sentences that teach an entity recognizer.

Most of the names are made up by letters that follow each other in the real ones, so that the model learns the shape and the place of a
name and not the lists.
"""

FIRST = """Aaron Abigail Adam Ahmed Aisha Alan Albert Alex Alexandra Alice Amina Amy Ana Andrea Andrew Angela Anita Antonio Arthur Ashley
Barbara Ben Benjamin Bianca Bob Brian Bruno Camila Carlos Carmen Caroline Cedric Charles Charlotte Chen Chloe Christine Clara Claude
Daniel David Deborah Dennis Diana Diego Dmitri Donald Dora Dorothy Edgar Edith Edward Elena Eli Elizabeth Emil Emily Emma Eric Esther Eva
Fatima Felix Fiona Florence Frances Frank Frida Gabriel George Gita Grace Greta Hannah Harold Harry Hassan Hector Helen Henry Hiroshi Hugo
Ibrahim Igor Ines Ingrid Irene Isaac Isabella Ivan Jack Jacob James Jane Javier Jean Jennifer Jessica Joan John Jorge Jose Joseph Juan Julia
Karen Karl Kate Kenji Kevin Klaus Kofi Lars Laura Lea Leila Leo Lily Linda Lisa Louis Lucas Lucia Lucy Luis Maja Manuel Marco Margaret Maria
Mark Martha Martin Mary Matteo Max Mei Michael Miguel Mila Mohamed Monica Nadia Naomi Natalie Nathan Nicholas Nina Noah Olga Oliver Omar
Oscar Otto Pablo Patricia Patrick Paul Pedro Peter Petra Philip Priya Rachel Ravi Rebecca Richard Rita Robert Roger Rosa Ruth Samir Samuel
Sandra Sara Sergei Simon Sofia Sophie Stefan Stella Steven Susan Sven Tanya Theo Theresa Thomas Tim Tina Tom Vera Victor Victoria Vincent
Walter Wei William Yasmin Yuki Yusuf Zoe""".split()

LAST = """Adams Ali Allen Anderson Baker Bauer Becker Bell Bennett Bergman Bianchi Black Brooks Brown Campbell Carter Castro Chang Chopra
Clark Cohen Collins Cooper Costa Cruz Davis Diaz Dubois Edwards Eriksson Evans Fernandez Ferrari Fischer Fisher Fontaine Foster Garcia Gomez
Gonzalez Gray Green Gupta Hall Hansen Harris Hayes Hernandez Hill Hoffmann Howard Hughes Ibrahim Ivanov Jackson Jansen Jenkins Jensen
Johnson Jones Kapoor Kelly Khan Kim King Klein Kovacs Kowalski Kumar Larsen Lee Lehmann Lewis Li Lopez Marino Martin Martinez Mason Meyer
Miller Mitchell Moore Morales Moreau Morgan Morris Mueller Murphy Nakamura Nelson Nguyen Nielsen Novak Okafor Olsen Ortiz Palmer Park
Parker Patel Perez Petersen Petrov Phillips Price Ramirez Reed Reyes Richardson Rivera Roberts Robinson Rodriguez Romano Rossi Russo
Sanchez Santos Sato Schmidt Schneider Scott Shah Silva Singh Smith Sokolov Stewart Stone Suzuki Svensson Tanaka Taylor Thompson Torres
Turner Vargas Wagner Walker Wang Ward Watson Weber White Williams Wilson Wong Wood Wright Yamamoto Yang Young Zhang Zimmermann""".split()

PLACES = """Aberdeen|Accra|Adelaide|Africa|Alaska|Albania|Algeria|Amsterdam|Antwerp|Argentina|Asia|Athens|Atlanta|Auckland|Australia|
Austria|Baltimore|Bangkok|Barcelona|Basel|Bavaria|Beijing|Belfast|Belgium|Bergen|Bogota|Bologna|Bolivia|Bordeaux|Boston|Brazil|Bremen|
Brisbane|Bristol|Brooklyn|Brussels|Bucharest|Budapest|Bulgaria|Cairo|Calcutta|Calgary|California|Cambridge|Canada|Casablanca|Chicago|
Chile|China|Cologne|Colombia|Copenhagen|Cornwall|Croatia|Cuba|Cyprus|Dallas|Damascus|Delhi|Denmark|Denver|Detroit|Dresden|Dubai|Dublin|
Ecuador|Edinburgh|Egypt|England|Essex|Estonia|Ethiopia|Europe|Finland|Florida|Frankfurt|Geneva|Genoa|Georgia|Germany|Ghana|Glasgow|Greece|
Hamburg|Hanoi|Havana|Helsinki|Hong Kong|Houston|Hungary|Iceland|India|Indonesia|Iran|Iraq|Ireland|Israel|Istanbul|Jakarta|Jamaica|Jerusalem|
Johannesburg|Jordan|Kabul|Kansas|Karachi|Kenya|Kiev|Korea|Kyoto|Lagos|Latvia|Lebanon|Leeds|Leipzig|Lima|Lisbon|Lithuania|Liverpool|Lyon|
Madrid|Malaysia|Malta|Manchester|Manila|Marseille|Melbourne|Mexico|Mexico City|Miami|Milan|Montreal|Morocco|Moscow|Munich|Nairobi|Nepal|
Netherlands|New Delhi|New Jersey|New York|New Zealand|Nigeria|North Carolina|Norway|Ohio|Oregon|Oslo|Ottawa|Oxford|Pakistan|Panama|Peru|
Philadelphia|Poland|Porto|Portugal|Prague|Quebec|Rio de Janeiro|Romania|Rome|Rotterdam|Russia|Salzburg|San Diego|San Francisco|Santiago|
Sao Paulo|Saudi Arabia|Scotland|Seattle|Seoul|Serbia|Shanghai|Sicily|Singapore|Slovakia|South Africa|Spain|Stockholm|Stuttgart|Sudan|
Sweden|Switzerland|Sydney|Syria|Taiwan|Tehran|Texas|Thailand|Tunisia|Turin|Turkey|Uganda|Ukraine|Utrecht|Valencia|Vancouver|Venezuela|
Venice|Vermont|Vietnam|Virginia|Wales|Washington|Yorkshire|Zagreb|Zambia""".replace("\n", "").split("|")

BEFORE_PLACES = ["New", "San", "Santa", "Port", "North", "South", "East", "West", "Saint", "Upper", "Lake", "Mount", "El", "Los"]
MONTHS = "January February March April May June July August September October November December".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
UNITS = "day week month year".split()
PHRASES = """yesterday|today|tomorrow|last night|this morning|next weekend|last summer|next winter|last spring|this autumn|
the day before yesterday|the day after tomorrow|last week|next month|this year|last year""".replace("\n", "").split("|")
COUNTS = "two three four five six seven eight nine ten".split()


class Names:
    """Names and dates by chance; none of those that are held out for the test."""

    def __init__(self, random, held_out):
        self.random = random
        self.known = [[name for name in names if not held_out.intersection(name.split())] for names in (FIRST, LAST, PLACES)]
        self.firsts, self.lasts, self.places = (
            Letters([name for name in names if " " not in name], held_out, random) for names in self.known)

    def first(self):
        return self.random.choice(self.known[0]) if self.random.random() < 0.3 else self.firsts.make()

    def last(self):
        last = self.random.choice(self.known[1]) if self.random.random() < 0.3 else self.lasts.make()
        kind = self.random.random()
        if kind < 0.03:
            return f"{last}-{self.lasts.make()}"
        if kind < 0.06:
            return f"{self.random.choice(['van', 'de', 'von', 'da'])} {last}"
        return f"O'{last}" if kind < 0.08 else last

    def person(self):
        kind = self.random.random()
        if kind < 0.38:
            return self.first()
        if kind < 0.42:
            return f"{self.random.choice('ABCDEFGHIJKLMNOPRSTVW')}. {self.last()}"
        if kind < 0.47:
            return f"{self.first()} {self.random.choice('ABCDEFGHJKLMPRSTW')}. {self.last()}"
        return f"{self.first()} {self.last()}" if kind < 0.94 else f"{self.first()} {self.first()} {self.last()}"

    def place(self):
        kind = self.random.random()
        if kind < 0.12:
            return f"{self.random.choice(BEFORE_PLACES)} {self.places.make()}"
        return self.random.choice(self.known[2]) if kind < 0.5 else self.places.make()

    def year(self):
        return str(self.random.randint(1700, 2060))

    def day(self):
        """A date that follows "on"."""
        random, month = self.random, self.random.choice(MONTHS)
        month, number, year = random.choice([month, month, month[:3]]), random.randint(1, 31), self.year()
        ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10 if number not in (11, 12, 13) else 0, "th")
        weekday = random.choice(DAYS)
        return random.choice([
            weekday, weekday, f"{number} {month}", f"{month} {number}", f"{month} {number}{ending}", f"{number} {month} {year}",
            f"{month} {number}, {year}", f"the {number}{ending} of {month}", f"{weekday}, {number} {month}",
            f"{weekday}, {month} {number}", f"{random.randint(1, 12)}/{number}/{year}", f"{month} {number}{ending}, {year}",
            f"{number:02}.{random.randint(1, 12):02}.{year}", f"{year}-{random.randint(1, 12):02}-{number:02}",
            f"the {number}{ending} of {month} {year}", f"{number}. {month} {year}"])

    def period(self):
        """A date that follows "in"."""
        random, month, year = self.random, self.random.choice(MONTHS), self.year()
        return random.choice([year, year, year, month, f"{month} {year}", f"{month}, {year}", f"the summer of {year}",
                              f"the {year[:3]}0s", f"the spring of {year}", f"early {month}", f"late {year}"])

    def moment(self):
        """A date that follows no word."""
        random = self.random
        return random.choice([
            random.choice(PHRASES), random.choice(PHRASES), f"{random.choice(['last', 'next', 'this'])} {random.choice(DAYS + MONTHS)}",
            f"{random.choice(COUNTS)} {random.choice(UNITS)}s ago", f"{random.randint(2, 60)} {random.choice(UNITS)}s ago",
            f"a {random.choice(UNITS)} ago", f"every {random.choice(DAYS)}"])


class Letters:
    """Makes up words: each letter follows two others as in one of the given words. None is held out."""

    def __init__(self, words, held_out, random):
        self.random, self.held_out, self.following = random, held_out, {}
        for word in words:
            for place in range(2, len(word) + 1):
                self.following.setdefault(word[place - 2:place].lower(), []).append(word[place:place + 1])
        self.starts = [word[:2] for word in words]

    def make(self):
        while True:
            word = self.random.choice(self.starts)
            while len(word) < 12:
                letter = self.random.choice(self.following[word[-2:].lower()])
                if not letter:
                    break
                word += letter
            if len(word) > 3 and word not in self.held_out:
                return word
