namespace Cli.Predict;

/// <summary>The format in which predictions are printed.</summary>
internal enum OutputFormat
{
    Table,
    Json,
    Csv,
}
