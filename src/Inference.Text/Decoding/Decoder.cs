namespace Inference.Text.Decoding;

/// <summary>A step that converts tokens to text.</summary>
internal abstract class Decoder
{
    /// <summary>Returns the text of each token. After the last step, the texts are joined.</summary>
    public abstract List<string> Decode(List<string> tokens);
}

/// <summary>Runs several steps in order.</summary>
internal sealed class SequenceDecoder(Decoder[] steps) : Decoder
{
    public override List<string> Decode(List<string> tokens) => steps.Aggregate(tokens, (texts, step) => step.Decode(texts));
}

/// <summary>A step that changes each token independently.</summary>
internal abstract class TokenDecoder : Decoder
{
    public override List<string> Decode(List<string> tokens)
    {
        for (var index = 0; index < tokens.Count; index++)
            tokens[index] = Decode(tokens[index], isFirst: index == 0, isLast: index == tokens.Count - 1);
        return tokens;
    }

    /// <summary>Returns the text of one token.</summary>
    /// <param name="isFirst">Whether the token is the first one.</param>
    /// <param name="isLast">Whether the token is the last one.</param>
    protected abstract string Decode(string token, bool isFirst, bool isLast);
}

/// <summary>Joins all tokens into one.</summary>
internal sealed class FuseDecoder : Decoder
{
    public override List<string> Decode(List<string> tokens) => [string.Concat(tokens)];
}
