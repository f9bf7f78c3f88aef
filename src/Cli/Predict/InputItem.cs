namespace Cli.Predict;

/// <summary>An item of the input.</summary>
/// <param name="Json">The value of the item.</param>
/// <param name="Line">The line of a CSV file on which the item begins, from 1; 0 for every other input.</param>
internal readonly record struct InputItem(string Json, int Line);
