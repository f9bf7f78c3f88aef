namespace Inference.Repository.Triton;

/// <summary>The kinds of values in protobuf's text format.</summary>
internal enum TextKind
{
    /// <summary>The name of an enum value, a boolean, or a special number such as <c>inf</c>.</summary>
    Word,

    Number,

    String,

    Message,
}
