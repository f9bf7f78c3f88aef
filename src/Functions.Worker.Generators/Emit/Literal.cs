using System.Text;

namespace Functions.Worker.Generators.Emit;

/// <summary>Quotes text as a literal that is valid in C# and in JSON.</summary>
internal static class Literal
{
    public static string Quote(string value)
    {
        var text = new StringBuilder("\"");
        foreach (var character in value)
        {
            if (character is '"' or '\\')
                text.Append('\\').Append(character);
            else if (character < ' ' || character > '~')
                text.Append("\\u").Append(((int)character).ToString("x4", System.Globalization.CultureInfo.InvariantCulture));
            else
                text.Append(character);
        }

        return text.Append('"').ToString();
    }
}
