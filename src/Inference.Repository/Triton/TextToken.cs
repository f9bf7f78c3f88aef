namespace Inference.Repository.Triton;

/// <summary>The tokens of protobuf's text format.</summary>
internal enum TextToken
{
    End,
    Word,
    Number,
    String,

    /// <summary>A punctuation character.</summary>
    Symbol,
}
