namespace Cli.Predict;

/// <summary>One item of a prediction's input. Each item has a prediction of its own.</summary>
/// <param name="Json">The value of the item, as JSON.</param>
/// <param name="Line">The line of a CSV file on which the item begins, from 1; 0 for every other input.</param>
internal readonly record struct InputItem(string Json, int Line);
