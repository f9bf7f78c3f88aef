using Inference.Protocols.OpenInference;
using Inference.Tensors;
using static Inference.Protocols.Tests.Signatures;

namespace Inference.Protocols.Tests.OpenInference;

public sealed class OpenInferenceReaderTests
{
    [Theory]
    [InlineData("{\"name\":\"x\",\"shape\":[2,2],\"datatype\":\"FP32\",\"data\":[1,2,3,4]}")]
    [InlineData("{\"name\":\"x\",\"shape\":[2,2],\"datatype\":\"FP32\",\"data\":[[1,2],[3,4]]}")]
    [InlineData("{\"data\":[[1,2],[3,4]],\"datatype\":\"FP32\",\"shape\":[2,2],\"name\":\"x\"}")]
    [InlineData(
        "{\"name\":\"x\",\"parameters\":{\"a\":[{}]},\"shape\":[2,2],\"datatype\":\"FP32\",\"new\":{\"data\":1},\"data\":[1,2,3,4]}")]
    public void Read_MembersInAnyOrder_GiveTheTensor(string input)
    {
        using var request = OpenInferenceReader.Read(Utf8($"{{\"inputs\":[{input}]}}"));

        var read = Assert.Single(request.Inputs);
        Assert.Equal(("x", "inputs[0]"), (read.Name, read.Path));
        Assert.Equal(new Shape(2, 2), read.Tensor.Shape);
        Assert.Equal([1, 2, 3, 4], read.Tensor.Values<float>().ToArray());
    }

    [Fact]
    public void Read_WholeRequest_TakesIdTimeoutAndOutputs()
    {
        using var request = OpenInferenceReader.Read(Utf8("""
            {"id":"42","parameters":{"sequence_id":0,"timeout":1500},"unknown":[1,{"x":[]}],
             "inputs":[{"name":"a","shape":[1],"datatype":"BYTES","data":["t"]},{"name":"b","shape":[],"datatype":"INT64","data":[7]}],
             "outputs":[{"name":"p","parameters":{"binary_data":false}},{"name":"q"}]}
            """));

        Assert.Equal("42", request.Id);
        Assert.Equal(TimeSpan.FromMicroseconds(1500), request.Timeout);
        Assert.Equal(["a", "b"], request.Inputs.Select(input => input.Name));
        Assert.Equal(["p", "q"], request.Outputs);
        Assert.Equal(7, request.Inputs[1].Tensor.Values<long>()[0]);
    }

    [Theory]
    [InlineData("\"shape\":[2,2],\"datatype\":\"FP32\",\"data\":[1,2,3]", "inputs[0].data has 3 elements, but its shape [2,2] declares 4")]
    [InlineData("\"shape\":[2,2],\"datatype\":\"FP32\",\"data\":[1,2,3,4,5]", "inputs[0].data has more than the 4 elements")]
    [InlineData("\"shape\":[2,2],\"datatype\":\"FP32\",\"data\":[[1,2,3,4]]", "inputs[0].data is nested as [1,4], but its shape is [2,2]")]
    [InlineData("\"shape\":[1000000,1000000],\"datatype\":\"FP32\",\"data\":[1]",
        "inputs[0].shape [1000000,1000000] declares more elements than the body")]
    [InlineData("\"shape\":[9223372036854775807,9],\"datatype\":\"FP32\",\"data\":[1]", "declares more elements than the body")]
    [InlineData("\"shape\":[-1],\"datatype\":\"FP32\",\"data\":[1]", "inputs[0].shape is not an array")]
    [InlineData("\"shape\":[1.5],\"datatype\":\"FP32\",\"data\":[1]", "inputs[0].shape is not an array")]
    [InlineData("\"shape\":\"1\",\"datatype\":\"FP32\",\"data\":[1]", "inputs[0].shape is a string")]
    [InlineData("\"shape\":[1],\"datatype\":\"FP31\",\"data\":[1]", "\"FP31\" is not a type")]
    [InlineData("\"shape\":[1],\"datatype\":7,\"data\":[1]", "inputs[0].datatype is a number")]
    [InlineData("\"shape\":[1],\"datatype\":\"FP32\"", "inputs[0].data is missing")]
    [InlineData("\"datatype\":\"FP32\",\"data\":[1]", "inputs[0].shape is missing")]
    [InlineData("\"shape\":[1],\"data\":[1]", "inputs[0].datatype is missing")]
    [InlineData("\"shape\":[1],\"datatype\":\"FP32\",\"data\":[1],\"data\":[1]", "inputs[0].data is given twice")]
    [InlineData("\"shape\":[1],\"datatype\":\"FP32\",\"data\":{}", "inputs[0].data is an object")]
    [InlineData("\"shape\":[2],\"datatype\":\"INT32\",\"data\":[1,2.5]", "inputs[0].data[1]: 2.5 is not a value of INT32")]
    public void Read_WrongInput_IsRefusedWithThePlace(string members, string message) =>
        AssertInvalid(message, () => OpenInferenceReader.Read(Utf8($"{{\"inputs\":[{{\"name\":\"x\",{members}}}]}}")));

    [Theory]
    [InlineData("{}", "\"inputs\" is missing")]
    [InlineData("{\"inputs\":{}}", "inputs is an object; an array is expected")]
    [InlineData("{\"inputs\":[1]}", "inputs[0] is a number; an object is expected")]
    [InlineData("{\"inputs\":[{\"shape\":[1],\"datatype\":\"FP32\",\"data\":[1]}]}", "inputs[0].name is missing")]
    [InlineData("{\"inputs\":[],\"outputs\":[{}]}", "outputs[0].name is missing")]
    [InlineData("{\"inputs\":[],\"outputs\":[{\"name\":1}]}", "outputs[0].name is a number")]
    [InlineData("{\"inputs\":[],\"id\":1}", "id is a number; a string is expected")]
    [InlineData("{\"inputs\":[],\"parameters\":{\"timeout\":-1}}", "parameters.timeout is not")]
    [InlineData("{\"inputs\":[],\"parameters\":{\"timeout\":\"1\"}}", "parameters.timeout is not")]
    [InlineData("{\"inputs\":[],\"parameters\":[]}", "parameters is an array")]
    [InlineData("{\"\\ud800\\ud800\":[]}", "not valid UTF-8 text")]
    [InlineData("{\"inputs\":[", "not valid JSON")]
    [InlineData("{\"inputs\":[{\"name\":\"x\",\"shape\":[3],\"datatype\":\"FP32\",\"data\":[1,2", "not valid JSON")]
    public void Read_WrongBody_IsRefused(string body, string message) => AssertInvalid(message, () => OpenInferenceReader.Read(Utf8(body)));
}
