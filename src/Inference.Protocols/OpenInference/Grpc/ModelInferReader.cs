using System.Buffers;
using System.Globalization;
using Inference.Protocols.Protobuf;
using Inference.Requests;

namespace Inference.Protocols.OpenInference.Grpc;

/// <summary>
/// Reads a <c>ModelInferRequest</c> of <c>inference.GRPCInferenceService</c>. Tensor data is copied once, from the message to the request's
/// pooled tensors. Inputs are read after the whole message, because the declaration of an input may follow its data.
/// </summary>
public static class ModelInferReader
{
    /// <summary>Reads a message. The caller disposes the result.</summary>
    /// <param name="message">The message; it is not referenced after this method returns.</param>
    /// <returns>
    /// A call whose tensors use at most eight times the message's size, because a 64-bit integer may take only one byte of the message.
    /// </returns>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: the message is not valid.</exception>
    public static InferCall Read(ReadOnlySequence<byte> message)
    {
        var (request, forms) = (new PredictionRequest { ResponseItems = ResponseItems.OneTensor }, new OutputForms());
        var fields = new Fields(request, forms);
        var reader = new WireReader(message);
        while (reader.TryReadTag(out var field, out var type))
        {
            if (field is < 1 or > 7)
            {
                reader.Skip(type);
                continue;
            }

            reader.ThrowIfTypeDiffers(type, WireType.Bytes);
            fields.Read(field, ref reader);
        }

        var (raw, rawOutputs) = (fields.Raw, fields.RawOutputs);
        // A client that sends typed contents and names no form may expect raw outputs, which Triton returns, or typed ones, which KServe
        // returns. The response then has both.
        forms.IsBinaryByDefault = rawOutputs ?? true;
        forms.HasTypedContents = rawOutputs is null && raw.Count == 0;
        ReadInputs(fields.Inputs, raw, request);
        return new InferCall(fields.Model, fields.Version, request, forms);
    }

    private static void ReadInputs(List<ReadOnlySequence<byte>> inputs, List<ReadOnlySequence<byte>> raw, PredictionRequest request)
    {
        if (raw.Count > 0 && raw.Count != inputs.Count)
        {
            throw InferenceException.InvalidRequest(
                $"raw_input_contents has {Counted.Text(raw.Count, "entry", "entries")} for "
                + $"{Counted.Text(inputs.Count, "input")}: send one entry for each input, and no input with contents.");
        }

        try
        {
            for (var i = 0; i < inputs.Count; i++)
            {
                var path = string.Create(CultureInfo.InvariantCulture, $"inputs[{i}]");
                request.Inputs.Add(InferInputReader.Read(inputs[i], raw.Count > 0 ? raw[i] : null, request, path));
            }
        }
        catch
        {
            request.Dispose();
            throw;
        }
    }

    private static void ReadParameter(InferParameter parameter, PredictionRequest request, ref bool? rawOutputs)
    {
        if (parameter.Name == "binary_data_output")
            rawOutputs = parameter.Boolean ?? throw InferenceException.InvalidRequest("parameters.binary_data_output is not a bool_param.");
        else if (parameter.Name == ContentType.Parameter)
            ContentType.ThrowIfUnsupportedInRequest(parameter.ReadText("parameters"));
        else
            RequestParameters.Apply(request, parameter.Name, parameter.Integer, isSet: !parameter.IsDefault);
    }

    private static void Add(List<ReadOnlySequence<byte>> list, ReadOnlySequence<byte> item, string name)
    {
        ThrowIfTooMany(list.Count, name);
        list.Add(item);
    }

    private static void ThrowIfTooMany(int count, string name)
    {
        if (count >= InputNameCheck.MaxTensors)
            throw InferenceException.InvalidRequest($"The message has more than {InputNameCheck.MaxTensors} {name}.");
    }

    /// <summary>
    /// The fields of a message. The data of its inputs are read when all fields are known. The numbers are the field numbers in
    /// open_inference.proto.
    /// </summary>
    private ref struct Fields(PredictionRequest request, OutputForms forms)
    {
        public string Model = "";
        public string Version = "";
        public bool? RawOutputs;
        public readonly List<ReadOnlySequence<byte>> Inputs = new(capacity: 1);
        public readonly List<ReadOnlySequence<byte>> Raw = new(capacity: 1);

        public void Read(int field, ref WireReader reader)
        {
            switch (field)
            {
                case 1:
                    Model = reader.ReadString();
                    break;
                case 2:
                    Version = reader.ReadString();
                    break;
                case 3:
                    request.Id = reader.ReadString() is { Length: > 0 } id ? id : null;
                    break;
                case 4:
                    ReadParameter(InferParameter.Read(reader.ReadBytes()), request, ref RawOutputs);
                    break;
                case 5:
                    Add(Inputs, reader.ReadBytes(), "inputs");
                    break;
                case 6:
                    RequestedOutputReader.Read(reader.ReadBytes(), request, forms);
                    ThrowIfTooMany(request.Outputs.Count, "outputs");
                    break;
                case 7:
                    Add(Raw, reader.ReadBytes(), "raw_input_contents");
                    break;
            }
        }
    }
}
