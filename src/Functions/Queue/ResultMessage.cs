namespace Functions.Queue;

/// <summary>The message that reports a stored result.</summary>
/// <param name="Text">The whole result, or a reference to its blob.</param>
/// <param name="IsFailed">Whether the result is a failure.</param>
public sealed record ResultMessage(string Text, bool IsFailed);
