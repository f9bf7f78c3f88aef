using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Worker.Http;

/// <summary>
/// Writes errors as <c>application/problem+json</c> (RFC 9457). What is wrong is also the extension <c>error</c>, for the clients
/// that look for it there, those of the Open Inference Protocol and TensorFlow Serving among them. <c>code</c> names the kind of error
/// for programs; so does a header, which is the same for every route. An <see cref="ErrorForm"/> may take the place of the body.
/// </summary>
internal static class Problem
{
    /// <summary>The header that names the kind of error, whatever form the body has.</summary>
    public const string CodeHeader = "Inference-Error-Code";

    /// <param name="code">One of <see cref="ProblemCodes"/>.</param>
    public static async Task WriteAsync(HttpContext http, int status, string code, string detail)
    {
        var body = new ArrayBufferWriter<byte>();
        var form = http.RequestServices.GetServices<ErrorForm>().FirstOrDefault(form => form.IsFor(http.Request));
        if (form is not null)
            form.Write(body, status, detail);
        else
            WriteProblem(body, status, code, detail);

        http.Response.StatusCode = status;
        // The text may repeat what the caller sent, and no browser may take it for a page.
        http.Response.Headers.XContentTypeOptions = "nosniff";
        http.Response.Headers[CodeHeader] = code;
        http.Response.ContentType = form is null ? "application/problem+json" : "application/json";
        http.Response.ContentLength = body.WrittenCount;
        await http.Response.BodyWriter.WriteAsync(body.WrittenMemory, http.RequestAborted);
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
