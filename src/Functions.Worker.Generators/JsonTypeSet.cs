using Functions.Worker.Generators.Model;

namespace Functions.Worker.Generators;

/// <summary>The types for which the app has generated JSON code: those in its <c>JsonSerializerContext</c> classes.</summary>
internal sealed class JsonTypeSet(IEnumerable<JsonType> types)
{
    private readonly ILookup<string, string> _contexts = types.Distinct().ToLookup(type => type.Type, type => type.Context);

    /// <summary>
    /// Returns the context class of a type. Call this only for types of a function for which <see cref="HasAll"/> is true.
    /// </summary>
    public string GetContext(string type) => _contexts[type].Single();

    /// <summary>Whether each JSON type of the function is in exactly one context class.</summary>
    public bool HasAll(FunctionModel function) => function.JsonTypes.All(type => _contexts[type].Count() == 1);

    /// <summary>Reports the JSON types of functions that are in no context class, or in several.</summary>
    public IEnumerable<Finding> Check(IEnumerable<ParsedFunction> parsed)
    {
        foreach (var item in parsed.Where(item => item.Function is not null))
        {
            foreach (var type in item.Function!.JsonTypes)
            {
                var contexts = _contexts[type].OrderBy(context => context, StringComparer.Ordinal).Select(RemoveGlobalPrefix).ToList();
                if (contexts.Count == 0)
                    yield return Finding.Create(Rules.NoJsonContext, item.Span, item.Function.Name, RemoveGlobalPrefix(type));
                if (contexts.Count > 1)
                {
                    yield return Finding.Create(
                        Rules.SeveralJsonContexts, item.Span, RemoveGlobalPrefix(type), string.Join("' and '", contexts));
                }
            }
        }
    }

    private static string RemoveGlobalPrefix(string type) => type.Replace("global::", "");
}
