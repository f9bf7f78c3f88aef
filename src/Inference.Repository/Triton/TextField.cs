namespace Inference.Repository.Triton;

/// <summary>One field of a message in protobuf's text format; a list is as many fields of its name.</summary>
/// <param name="Text">The word or number as it is written, with its sign; a string's characters.</param>
/// <param name="Fields">A message's fields, in order.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">In bytes, from 1.</param>
internal sealed record TextField(string Name, TextKind Kind, string Text, IReadOnlyList<TextField> Fields, int Line, int Column);
