namespace Cli.Predict;

/// <summary>How predictions are printed.</summary>
internal enum OutputFormat
{
    Table,
    Json,
    Csv,
}
