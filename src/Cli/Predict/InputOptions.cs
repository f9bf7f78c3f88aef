using System.CommandLine;

namespace Cli.Predict;

/// <summary>The command-line options for the input of a prediction.</summary>
internal static class InputOptions
{
    /// <summary>The name of the option for an input file.</summary>
    public const string FileOptionName = "--file";

    private static readonly Option<string?> Data =
        new("--data") { Description = "JSON: the value of the one input, or a whole request", HelpName = "json" };
    private static readonly Option<string?> File = new(FileOptionName)
    {
        Description = "A file of JSON, CSV, NPY, PNG, JPEG or WebP, recognized by its content; - reads stdin",
        HelpName = "path",
    };

    private static readonly Option<string[]> Text = new("--text")
    {
        Description = "A text, for a model that accepts texts; repeat the option for several texts",
        HelpName = "text",
    };

    private static readonly Option<string?> Column = new("--column")
    {
        Description = "The column of a CSV file with the texts: its name or number (default: \"text\", or the only column)",
        HelpName = "column",
    };

    private static readonly Option<bool?> Header = new("--header")
    {
        Description = "Whether the first line of a CSV file has names (default: true if none of its cells is a value)",
        HelpName = "true|false",
    };

    static InputOptions() => Completion.Offer(Header, "true", "false");

    public static void AddTo(Command command)
    {
        foreach (var option in (Option[])[Data, File, Text, Column, Header])
            command.Add(option);
    }

    /// <exception cref="CliException">There is no input, there are several inputs, or the input cannot be read.</exception>
    public static async Task<PredictInput> ReadAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (data, file, texts, column) =
            (parsed.GetValue(Data), parsed.GetValue(File), parsed.GetValue(Text) ?? [], parsed.GetValue(Column));
        (string Name, bool IsGiven)[] options =
            [(Data.Name, data is not null), (Text.Name, texts.Length > 0), (File.Name, file is not null)];
        var givenOptions = options.Where(option => option.IsGiven).Select(option => option.Name).ToList();
        if (givenOptions.Count > 1)
            throw CliException.CreateUsageError($"{string.Join(" and ", givenOptions)} exclude each other. Give one input.");
        if (givenOptions.Count == 0)
        {
            throw CliException.CreateUsageError(
                "Give an input: either --data '[5.1,3.5,1.4,0.2]', --text \"some text\" or "
                + "--file x.json|x.csv|x.npy|x.png|x.jpg|x.webp, or - for stdin.");
        }

        if (column is not null && file is null)
            throw CliException.CreateUsageError("--column is for the texts of a CSV file: add --file.");
        var hasHeader = parsed.GetValue(Header);
        if (hasHeader is not null && file is null)
            throw CliException.CreateUsageError("--header is for the first line of a CSV file: add --file.");
        return data is not null ? PredictInput.FromData(data)
            : file is null ? PredictInput.FromTexts(texts)
            : await PredictInput.FromFileAsync(file, column, hasHeader, cancellationToken);
    }
}
