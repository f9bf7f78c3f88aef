using System.Collections.Immutable;
using Functions.Worker.Generators.Model;
using Microsoft.CodeAnalysis;

namespace Functions.Worker.Generators.Parsing;

/// <summary>Decides which argument each parameter of a queue function gets.</summary>
internal sealed class MessageParameterParser(string function, List<Finding> findings)
{
    /// <summary>
    /// The names of the metadata entries that a parameter can have, as in Microsoft's worker, with the kinds that each name allows.
    /// </summary>
    private static readonly Dictionary<string, ParameterKind[]> Metadata = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Id"] = [ParameterKind.MetadataText],
        ["PopReceipt"] = [ParameterKind.MetadataText],
        ["DequeueCount"] = [ParameterKind.MetadataInt64, ParameterKind.MetadataInt32],
        ["InsertionTime"] = [ParameterKind.MetadataTime],
        ["ExpirationTime"] = [ParameterKind.MetadataTime],
        ["NextVisibleTime"] = [ParameterKind.MetadataTime],
    };

    public IEnumerable<ParameterModel> Parse(ImmutableArray<IParameterSymbol> parameters) => [.. parameters.Select(Parse)];

    private ParameterModel Parse(IParameterSymbol parameter)
    {
        if (parameter.RefKind != RefKind.None || parameter.IsParams)
            return ReportParameter(parameter, "pass it by value, without ref, out, in or params");
        if (TriggerAttributes.FindTriggers(parameter).Any())
            return ParseMessage(parameter);

        return parameter.Type.PlainName() switch
        {
            TypeNames.FunctionContext => new ParameterModel(ParameterKind.FunctionContext),
            TypeNames.CancellationToken => new ParameterModel(ParameterKind.CancellationToken),
            _ => ParseMetadata(parameter),
        };
    }

    private ParameterModel ParseMessage(IParameterSymbol parameter) => parameter.Type.PlainName() switch
    {
        "string" => new ParameterModel(ParameterKind.MessageText),
        "byte[]" => new ParameterModel(ParameterKind.MessageBytes),
        TypeNames.Memory => new ParameterModel(ParameterKind.MessageMemory),
        _ when MessageTypes.CanBeJson(parameter.Type) => new ParameterModel(ParameterKind.MessageJson, parameter.Type.GlobalName()),
        _ => ReportParameter(parameter, "a message is a string, byte[], ReadOnlyMemory<byte>, or a record or class that is read from JSON"),
    };

    private ParameterModel ParseMetadata(IParameterSymbol parameter)
    {
        var kind = parameter.Type.PlainName() switch
        {
            "string" => ParameterKind.MetadataText,
            "int" => ParameterKind.MetadataInt32,
            "long" => ParameterKind.MetadataInt64,
            TypeNames.DateTimeOffset => ParameterKind.MetadataTime,
            _ => ParameterKind.FunctionContext,
        };
        var name = Metadata.Keys.FirstOrDefault(key => Metadata.Comparer.Equals(key, parameter.Name));
        return name is not null && Metadata[name].Contains(kind)
            ? new ParameterModel(kind, name)
            : ReportParameter(
                parameter,
                "use the message with [QueueTrigger], FunctionContext, CancellationToken, string id or popReceipt, long dequeueCount, "
                + "or DateTimeOffset insertionTime, expirationTime or nextVisibleTime");
    }

    private ParameterModel ReportParameter(IParameterSymbol parameter, string reason)
    {
        findings.Add(Finding.Create(Rules.UnknownParameter, SourceSpan.From(parameter), parameter.Name, function, reason));
        return new ParameterModel(ParameterKind.FunctionContext);
    }
}
