using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace Cli.Predict;

/// <summary>
/// Finds the items of a file that an error of the server is about. The server counts items from the start of a request, which contains only
/// a part of the file.
/// </summary>
/// <param name="file">The name of the file.</param>
internal sealed partial class ItemErrorLocator(string file)
{
    /// <summary>
    /// Replaces the item's index in the request by its index in the file, and puts the file's line before the message. For example,
    /// <c>features[44]</c> becomes <c>features[300]</c> for a request that begins at item 256. A message without an index gets the range of
    /// the request's lines or items.
    /// </summary>
    /// <param name="error">The error of the request.</param>
    /// <param name="first">The index of the request's first item in the file, from 0.</param>
    /// <param name="lines">The line of each item of the request; 0 for an item without a line.</param>
    public string Describe(CliException error, int first, IReadOnlyList<int> lines)
    {
        var isAboutItems =
            error.Status is HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnprocessableEntity;
        if (!isAboutItems || lines.Count == 0)
            return error.Message;
        if (ItemIndex().Match(error.Message) is { Success: true } match
            && int.TryParse(match.Groups["index"].ValueSpan, CultureInfo.InvariantCulture, out var index) && index < lines.Count)
        {
            var (group, itemIndex) = (match.Groups["index"], first + index);
            return $"{DescribeLocation(itemIndex, itemIndex, lines[index], lines[index])}: {error.Message[..group.Index]}{itemIndex}"
                + error.Message[(group.Index + group.Length)..];
        }

        return $"{DescribeLocation(first, first + lines.Count - 1, lines[0], lines[^1])}: {error.Message}";
    }

    private string DescribeLocation(int first, int last, int firstLine, int lastLine)
    {
        var isOne = first == last;
        return firstLine > 0
            ? isOne ? $"{file}:{firstLine}" : $"{file}, lines {firstLine} to {lastLine}"
            : isOne ? $"{file}, item {first}" : $"{file}, items {first} to {last}";
    }

    /// <summary>Matches the index of an item, such as 44 in <c>400: features[44][2] is a string</c>.</summary>
    [GeneratedRegex(@"^\d+: (?:features|text|inputs\.[^\[\]]+)\[(?<index>\d+)\]", RegexOptions.CultureInvariant)]
    private static partial Regex ItemIndex();
}
