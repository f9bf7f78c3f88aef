using Functions.Worker.Generators.Model;

namespace Functions.Worker.Generators.Emit;

/// <summary>The bindings of a function in the JSON form from which the Functions host builds them.</summary>
internal static class BindingJson
{
    public const string HttpOutput = """{"name":"$return","type":"http","direction":"Out"}""";

    public static string HttpTrigger(HttpTriggerModel http)
    {
        var methods = http.Methods.Count == 0 ? "" : $",\"methods\":[{string.Join(",", http.Methods.Select(Quoted.Text))}]";
        var route = http.Route is null ? "" : $",\"route\":{Quoted.Text(http.Route)}";
        // One name for all, because the host refuses names that C# allows, such as "_"; nothing is bound by it.
        return $$"""{"name":"req","type":"httpTrigger","direction":"In","authLevel":"{{http.Level}}"{{methods}}{{route}}}""";
    }
}
