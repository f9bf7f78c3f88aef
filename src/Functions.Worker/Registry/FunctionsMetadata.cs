using System.Text.Json;

namespace Functions.Worker.Registry;

/// <summary>Writes <c>functions.metadata</c>, the file from which tools read an app's functions without starting the app.</summary>
public static class FunctionsMetadata
{
    /// <summary>Writes the JSON of the functions. The stream stays open.</summary>
    public static void Write(Stream stream, IEnumerable<FunctionDescriptor> functions)
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartArray();
        foreach (var function in functions)
            Write(json, function);
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, FunctionDescriptor function)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, function.Name);
        json.WriteString("scriptFile"u8, function.ScriptFile);
        json.WriteString("entryPoint"u8, function.EntryPoint);
        json.WriteString("language"u8, "dotnet-isolated"u8);
        json.WriteStartObject("properties"u8);
        json.WriteBoolean("IsCodeless"u8, false);
        json.WriteEndObject();
        json.WriteStartArray("bindings"u8);
        foreach (var binding in function.RawBindings)
        {
            using var document = JsonDocument.Parse(binding);
            document.WriteTo(json);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
