namespace Inference.Repository.Triton;

/// <summary>The kinds of values in protobuf's text format.</summary>
internal enum TextKind
{
    /// <summary>An enum's or boolean's name, or a word for an unusual number.</summary>
    Word,

    Number,

    String,

    Message,
}
