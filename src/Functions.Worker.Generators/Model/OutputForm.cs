namespace Functions.Worker.Generators.Model;

/// <summary>How a value is converted to messages.</summary>
internal enum OutputForm
{
    Text,
    Texts,
    Json,
}
