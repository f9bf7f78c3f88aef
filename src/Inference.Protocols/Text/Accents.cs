using System.Collections.Frozen;
using System.Text;

namespace Inference.Protocols.Text;

/// <summary>
/// Takes the accents off letters, as BERT's uncased vocabularies want it: Unicode's canonical decomposition without the marks. .NET's own needs
/// ICU, without which this app is built (it would make the start slower and the app larger), and returns text as it is then.
/// </summary>
internal static class Accents
{
    private const int FirstSyllable = 0xAC00;
    private const int LastSyllable = 0xD7A3;

    /// <summary>Pairs of a letter in lower case, and what it is without its marks (Unicode 15; letters of one script and one part each).</summary>
    private const string Letters =
        "àaáaâaãaäaåaçcèeéeêeëeìiíiîiïiñnòoóoôoõoöoùuúuûuüuýyÿyāaăaąaćcĉcċcčcďd"
        + "ēeĕeėeęeěeĝgğgġgģgĥhĩiīiĭiįiĵjķkĺlļlľlńnņnňnōoŏoőoŕrŗrřrśsŝsşsšsţtťtũu"
        + "ūuŭuůuűuųuŵwŷyźzżzžzơoưuǎaǐiǒoǔuǖuǘuǚuǜuǟaǡaǣæǧgǩkǫoǭoǯʒǰjǵgǹnǻaǽæǿøȁa"
        + "ȃaȅeȇeȉiȋiȍoȏoȑrȓrȕuȗușsțtȟhȧaȩeȫoȭoȯoȱoȳyʹʹ;;΅¨··ΐιάαέεήηίιΰυϊιϋυόούυ"
        + "ώωϓϒϔϒйиѐеёеѓгїіќкѝиўуѷѵӂжӑаӓаӗеӛәӝжӟзӣиӥиӧоӫөӭэӯуӱуӳуӵчӹы\u0622\u0627\u0623\u0627\u0624\u0648\u0625\u0627\u0626\u064a\u06c0\u06d5"
        + "\u06c2\u06c1\u06d3\u06d2ऩनऱरऴळक़कख़खग़गज़जड़डढ़ढफ़फय़यড়ডঢ়ঢয়যਲ਼ਲਸ਼ਸਖ਼ਖਗ਼ਗਜ਼ਜਫ਼ਫ\u0b48\u0b47ଡ଼ଡଢ଼ଢ\u0cc0\u0cd5\u0cc7\u0cd5\u0cc8\u0cd6\u0cca\u0cc2\u0dda\u0dd9གྷགཌྷཌདྷདབྷབཛྷཛ"
        + "ཀྵཀဦဥ\u1b3b\u1b35\u1b3d\u1b35\u1b43\u1b35ḁaḃbḅbḇbḉcḋdḍdḏdḑdḓdḕeḗeḙeḛeḝeḟfḡgḣhḥhḧhḩhḫhḭiḯiḱkḳkḵkḷlḹlḻl"
        + "ḽlḿmṁmṃmṅnṇnṉnṋnṍoṏoṑoṓoṕpṗpṙrṛrṝrṟrṡsṣsṥsṧsṩsṫtṭtṯtṱtṳuṵuṷuṹuṻuṽvṿvẁw"
        + "ẃwẅwẇwẉwẋxẍxẏyẑzẓzẕzẖhẗtẘwẙyẛſạaảaấaầaẩaẫaậaắaằaẳaẵaặaẹeẻeẽeếeềeểeễeệe"
        + "ỉiịiọoỏoốoồoổoỗoộoớoờoởoỡoợoụuủuứuừuửuữuựuỳyỵyỷyỹyἀαἁαἂαἃαἄαἅαἆαἇαἐεἑε"
        + "ἒεἓεἔεἕεἠηἡηἢηἣηἤηἥηἦηἧηἰιἱιἲιἳιἴιἵιἶιἷιὀοὁοὂοὃοὄοὅοὐυὑυὒυὓυὔυὕυὖυὗυὠω"
        + "ὡωὢωὣωὤωὥωὦωὧωὰαάαὲεέεὴηήηὶιίιὸοόοὺυύυὼωώωᾀαᾁαᾂαᾃαᾄαᾅαᾆαᾇαᾐηᾑηᾒηᾓηᾔηᾕη"
        + "ᾖηᾗηᾠωᾡωᾢωᾣωᾤωᾥωᾦωᾧωᾰαᾱαᾲαᾳαᾴαᾶαᾷαιι῁¨ῂηῃηῄηῆηῇη῍᾿῎᾿῏᾿ῐιῑιῒιΐιῖιῗι῝῾῞῾"
        + "῟῾ῠυῡυῢυΰυῤρῥρῦυῧυ῭¨΅¨``ῲωῳωῴωῶωῷω´´\u2000\u2002\u2001\u2003↚←↛→↮↔⇍⇐⇎⇔⇏⇒∄∃∉∈∌∋∤∣∦∥≁∼≄≃≇≅≉≈"
        + "≠=≢≡≭≍≮<≯>≰≤≱≥≴≲≵≳≸≶≹≷⊀≺⊁≻⊄⊂⊅⊃⊈⊆⊉⊇⊬⊢⊭⊨⊮⊩⊯⊫⋠≼⋡≽⋢⊑⋣⊒⋪⊲⋫⊳⋬⊴⋭⊵〈〈〉〉⫝̸⫝がかぎきぐく"
        + "げけごこざさじしずすぜせぞそだたぢちづつでてどとばはぱはびひぴひぶふぷふべへぺへぼほぽほゔうゞゝガカギキグクゲケゴコザサジシズスゼセゾソダタ"
        + "ヂチヅツデテドトバハパハビヒピヒブフプフベヘペヘボホポホヴウヷワヸヰヹヱヺヲヾヽ";

    private static readonly Lazy<FrozenDictionary<char, char>> Plain = new(() => Letters.Chunk(2).ToFrozenDictionary(pair => pair[0], pair => pair[1]));

    /// <param name="text">In lower case.</param>
    public static string Remove(string text)
    {
        if (Ascii.IsValid(text))
            return text;
        var result = new StringBuilder(text.Length);
        foreach (var letter in text)
        {
            if (letter is >= (char)FirstSyllable and <= (char)LastSyllable)
                AppendSyllable(result, letter - FirstSyllable);
            else
                result.Append(Plain.Value.TryGetValue(letter, out var plain) ? plain : letter);
        }

        return result.ToString();
    }

    /// <summary>The parts of a Korean syllable (The Unicode Standard, 3.12).</summary>
    private static void AppendSyllable(StringBuilder result, int index)
    {
        const int Leads = 0x1100, Vowels = 0x1161, Tails = 0x11A7, VowelCount = 21, TailCount = 28;
        result.Append((char)(Leads + (index / (VowelCount * TailCount)))).Append((char)(Vowels + (index % (VowelCount * TailCount) / TailCount)));
        if (index % TailCount is > 0 and var tail)
            result.Append((char)(Tails + tail));
    }
}
