using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Worker.Http;

/// <summary>
/// Writes errors as <c>application/problem+json</c> (RFC 9457). The extension <c>error</c> repeats the message for clients that expect this
/// name, such as those of the Open Inference Protocol and TensorFlow Serving. The extension <c>code</c> names the kind of error for
/// programs. The header <see cref="CodeHeader"/> has the same code. An <see cref="ErrorFormat"/> can replace the body, but not the header.
/// </summary>
internal static class Problem
{
    /// <summary>The header that names the kind of error, whatever format the body has.</summary>
    public const string CodeHeader = "Inference-Error-Code";

    /// <summary>Writes the whole response of an error.</summary>
    /// <param name="code">One of <see cref="ProblemCodes"/>.</param>
    /// <param name="detail">A text that describes the error to the client.</param>
    public static async Task WriteAsync(HttpContext http, int status, string code, string detail)
    {
        var body = new ArrayBufferWriter<byte>();
        var format = http.RequestServices.GetServices<ErrorFormat>().FirstOrDefault(format => format.AppliesTo(http.Request));
        NotifyListeners(http, code);
        if (format is not null)
            format.Write(body, status, detail);
        else
            WriteProblem(body, status, code, detail);

        http.Response.StatusCode = status;
        // The text can quote the request. Without this header, a browser could interpret the quoted part as HTML.
        http.Response.Headers.XContentTypeOptions = "nosniff";
        http.Response.Headers[CodeHeader] = code;
        http.Response.ContentType = format is null ? "application/problem+json" : "application/json";
        http.Response.ContentLength = body.WrittenCount;
        await http.Response.BodyWriter.WriteAsync(body.WrittenMemory, http.RequestAborted);
    }

    /// <summary>Notifies each <see cref="ErrorListener"/> of an error that the worker sends.</summary>
    public static void NotifyListeners(HttpContext http, string code)
    {
        foreach (var listener in http.RequestServices.GetServices<ErrorListener>())
            listener.Notify(code);
    }

    private static void WriteProblem(ArrayBufferWriter<byte> body, int status, string code, string detail)
    {
        using var json = new Utf8JsonWriter(body, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteString("title"u8, ReasonPhrases.GetReasonPhrase(status));
        json.WriteNumber("status"u8, status);
        json.WriteString("detail"u8, detail);
        json.WriteString("code"u8, code);
        json.WriteString("error"u8, detail);
        json.WriteEndObject();
    }
}
