using System.Collections.Immutable;
using Functions.Worker.Contexts;
using Microsoft.Azure.Functions.Worker;

namespace Functions.Worker.Registry;

/// <summary>Describes a function that the source generator found. Generated code creates the descriptors.</summary>
/// <param name="id">The id by which a Functions host identifies the function.</param>
/// <param name="entryPoint">The full name of the method: namespace, class and method.</param>
public sealed class FunctionDescriptor(string id, string name, string entryPoint) : FunctionDefinition
{
    public override string Id => id;

    public override string Name => name;

    public override string EntryPoint => entryPoint;

    /// <summary>Not supported: this worker calls the function without a description of its parameters.</summary>
    public override ImmutableArray<FunctionParameter> Parameters =>
        throw new NotSupportedException("FunctionDefinition.Parameters needs Microsoft's engine (-p:FunctionsWorker=Official).");

    /// <summary>Empty: the function is compiled into the executable.</summary>
    public override string PathToAssembly => "";

    public override IImmutableDictionary<string, BindingMetadata> InputBindings => FunctionBinding.Read(RawBindings, BindingDirection.In);

    public override IImmutableDictionary<string, BindingMetadata> OutputBindings => FunctionBinding.Read(RawBindings, BindingDirection.Out);

    /// <summary>The name of the assembly file that contains the function, for the metadata of a Functions host.</summary>
    public required string ScriptFile { get; init; }

    /// <summary>The bindings, each as the JSON from which a Functions host creates it.</summary>
    public required IReadOnlyList<string> RawBindings { get; init; }

    /// <summary>The HTTP trigger; null for a function with another trigger.</summary>
    public HttpTrigger? Http { get; init; }

    /// <summary>The queue trigger; null for a function with an HTTP trigger.</summary>
    public MessageTrigger? Message { get; init; }
}
