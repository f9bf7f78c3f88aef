namespace Inference.Repository.Triton;

/// <summary>One field of a message in protobuf's text format. A list is several fields with the same name.</summary>
/// <param name="Text">The text of a word or number, with its sign, or the characters of a string.</param>
/// <param name="Fields">A message's fields, in order.</param>
/// <param name="Line">The line of the field, counted from 1.</param>
/// <param name="Column">The column of the field in bytes, counted from 1.</param>
internal sealed record TextField(string Name, TextKind Kind, string Text, IReadOnlyList<TextField> Fields, int Line, int Column);
