using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Npgsql;
using Philotes.Iceberg.Storage;

namespace Philotes.Catalog.Http;

/// <summary>One request in, one reply out; every failure leaves as the protocol's error body. 5xx means: the outcome is not known.</summary>
internal sealed class CatalogHandler(CatalogRouter router, ILogger<CatalogHandler> logger)
{
    static readonly JsonWriterOptions Written = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public async Task HandleAsync(HttpContext context)
    {
        var reply = await ReplyAsync(context);
        context.Response.StatusCode = reply.Status;
        if (reply.ETag is not null)
            context.Response.Headers.ETag = reply.ETag;
        if (reply.Body is null || HttpMethods.IsHead(context.Request.Method))
            return;
        context.Response.ContentType = "application/json";
        using var bytes = new MemoryStream();
        await using (var writer = new Utf8JsonWriter(bytes, Written))
            reply.Body.WriteTo(writer);
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes.GetBuffer().AsMemory(0, (int)bytes.Length), context.RequestAborted);
    }

    async Task<CatalogReply> ReplyAsync(HttpContext context)
    {
        try
        {
            return await router.RouteAsync(new CatalogRequest(context), context.RequestAborted);
        }
        catch (CatalogException e)
        {
            return Error(e.Status, e.Type, e.Message);
        }
        catch (BadHttpRequestException e)
        {
            return Error(e.StatusCode, "BadRequestException", e.Message);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.StringDataRightTruncation or PostgresErrorCodes.CharacterNotInRepertoire)
        {
            return Error(400, "BadRequestException", $"The catalog's database cannot hold this text: {e.MessageText}");
        }
        catch (ObjectStoreException e) when (e.Failure == ObjectStoreFailure.InvalidName)
        {
            return Error(400, "BadRequestException", e.Message);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return new CatalogReply(499);
        }
        catch (Exception e)
        {
            logger.RequestFailed(context.Request.Method, context.Request.Path, e);
            return Error(500, "InternalServerError", $"{e.GetType().Name}: {e.Message}");
        }
    }

    static CatalogReply Error(int status, string type, string message) =>
        new(status, new JsonObject { ["error"] = new JsonObject { ["message"] = message, ["type"] = type, ["code"] = status } });
}
