using System.Text;
using Functions.Worker.Registry;

namespace Functions.Worker.Tests.Registry;

public sealed class FunctionsMetadataTests
{
    [Fact]
    public void Write_Functions_EqualsTheFileOfMicrosoftsSdk()
    {
        var function = new FunctionDescriptor("id", "Predict", "App.Predictions.Predict")
        {
            ScriptFile = "App.dll",
            RawBindings =
            [
                """{"name":"message","type":"queueTrigger","direction":"In","queueName":"%Q%","connection":"AzureWebJobsStorage","dataType":"String"}""",
                """{"name":"$return","type":"queue","direction":"Out","queueName":"out","connection":"AzureWebJobsStorage"}""",
            ],
        };

        Assert.Equal(
            """
            [
              {
                "name": "Predict",
                "scriptFile": "App.dll",
                "entryPoint": "App.Predictions.Predict",
                "language": "dotnet-isolated",
                "properties": {
                  "IsCodeless": false
                },
                "bindings": [
                  {
                    "name": "message",
                    "type": "queueTrigger",
                    "direction": "In",
                    "queueName": "%Q%",
                    "connection": "AzureWebJobsStorage",
                    "dataType": "String"
                  },
                  {
                    "name": "$return",
                    "type": "queue",
                    "direction": "Out",
                    "queueName": "out",
                    "connection": "AzureWebJobsStorage"
                  }
                ]
              }
            ]
            """,
            Write(function));
    }

    [Fact]
    public void Write_NoFunctions_IsAnEmptyArray() => Assert.Equal("[]", Write());

    private static string Write(params FunctionDescriptor[] functions)
    {
        using var stream = new MemoryStream();
        FunctionsMetadata.Write(stream, functions);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
