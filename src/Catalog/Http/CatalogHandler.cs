using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Philotes.SqlCatalog;

namespace Philotes.Catalog.Http;

/// <summary>HTTP around the catalog: one request in, one answer out. The path goes on as it was sent, before a server's own decoding.</summary>
internal sealed class CatalogHandler(CatalogDatabase catalog)
{
    public async Task HandleAsync(HttpContext context)
    {
        var answer = await AnswerAsync(context);
        context.Response.StatusCode = answer.Status;
        if (answer.ETag is not null)
            context.Response.Headers.ETag = answer.ETag;
        if (answer.Body is not { } body)
            return;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    async Task<CatalogAnswer> AnswerAsync(HttpContext context)
    {
        try
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            return await catalog.AnswerAsync(
                context.Request.Method, Target(context), context.Request.Headers.IfNoneMatch, body.GetBuffer().AsMemory(0, (int)body.Length), context.RequestAborted);
        }
        catch (BadHttpRequestException e)
        {
            return new CatalogAnswer(e.StatusCode, ETag: null, System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(
                new { error = new { message = e.Message, type = "BadRequestException", code = e.StatusCode } }));
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return new CatalogAnswer(499, ETag: null, Body: null);
        }
    }

    static string Target(HttpContext context)
    {
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget;
        return string.IsNullOrEmpty(target) || target[0] != '/' ? context.Request.Path.ToUriComponent() + context.Request.QueryString.ToUriComponent() : target;
    }
}
