using System.Buffers;
using Inference.Protocols.Protobuf;
using Inference.Requests;

namespace Inference.Protocols.OpenInference.Grpc;

/// <summary>Reads an <c>InferRequestedOutputTensor</c>. The numbers in the code are the field numbers in open_inference.proto.</summary>
internal static class RequestedOutputReader
{
    public static void Read(ReadOnlySequence<byte> output, PredictionRequest request, OutputForms forms)
    {
        var name = "";
        int? classes = null;
        var reader = new WireReader(output);
        while (reader.TryReadTag(out var field, out var type))
        {
            if (field is not (1 or 2))
            {
                reader.Skip(type);
                continue;
            }

            reader.ThrowIfTypeDiffers(type, WireType.Bytes);
            if (field == 1)
            {
                name = reader.ReadString();
                continue;
            }

            var parameter = InferParameter.Read(reader.ReadBytes());
            var path = $"outputs[{request.Outputs.Count}]";
            var parametersPath = $"{path}.parameters";
            RequestParameters.ThrowIfSharedMemory(parameter.Name, path);
            if (parameter.Name == ContentType.Parameter)
                ContentType.ThrowIfUnsupportedForOutput(parameter.ReadText(parametersPath), parametersPath);
            if (parameter.Name == OutputForms.ClassificationParameter)
                classes = OutputForms.ParseClassCount(parameter.Integer, parametersPath);
        }

        request.Outputs.Add(name);
        if (classes is { } count)
            forms.SetClassCount(name, count);
    }
}
