namespace Functions.Worker.Generators.Model;

/// <summary>How a value becomes messages.</summary>
internal enum OutputForm
{
    Text,
    Texts,
    Json,
}
