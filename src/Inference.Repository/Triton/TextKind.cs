namespace Inference.Repository.Triton;

/// <summary>The kinds of values in protobuf's text format.</summary>
internal enum TextKind
{
    /// <summary>The name of an enum value or boolean, or a word for a special number.</summary>
    Word,

    Number,

    String,

    Message,
}
