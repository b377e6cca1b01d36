using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Factory.Core;
using Factory.Evals.Requests;
using Microsoft.Data.Sqlite;

namespace Factory.Evals.Models;

/// <summary>
/// Responses that were given before, in a SQLite file, so that a run that was killed goes on where it was and one that is repeated asks nothing. A response
/// is found again only for the same request to the same bundle by the same build of Factory and ONNX Runtime. Several processes may use one file.
/// </summary>
public sealed class ResponseCache : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly string _path;
    private readonly string _model;

    private ResponseCache(SqliteConnection connection, string path, string model) => (_connection, _path, _model) = (connection, path, model);

    /// <summary>Where responses are kept unless said otherwise: the user's cache folder.</summary>
    public static string DefaultPath => Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } home ? home : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
        "factory", "responses.db");

    /// <param name="path">The file; made where there is none.</param>
    /// <param name="model">Who answers.</param>
    /// <exception cref="SettingError">It is no such file, or cannot be written.</exception>
    public static ResponseCache Open(string path, ModelDescription model)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 60 }.ToString());
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(path)) is string folder)
            {
                Directory.CreateDirectory(folder);
            }
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "PRAGMA journal_mode=WAL";
            command.ExecuteNonQuery();
            // Apart from the first, which gives a row: behind one that does the library hides what goes wrong.
            command.CommandText = "PRAGMA synchronous=NORMAL; CREATE TABLE IF NOT EXISTS responses (key BLOB PRIMARY KEY, response BLOB NOT NULL) WITHOUT ROWID;";
            command.ExecuteNonQuery();
            return new ResponseCache(connection, path, string.Join('\n', [model.Name, model.Endpoint, model.BundleSha256, model.TokenizerSha256, model.Provider, .. Software()]));
        }
        catch (Exception error) when (error is SqliteException or IOException or UnauthorizedAccessException)
        {
            connection.Dispose();
            throw new SettingError("cache", $"expected a file for responses, found {path}: {error.Message} Name another one, or none.", error);
        }
    }

    /// <summary>What identifies <paramref name="request"/> to this model.</summary>
    public byte[] Key(EvaluationRequest request) => SHA256.HashData(Encoding.UTF8.GetBytes(
        $"{_model}\n{request.GetType().Name}\n{JsonSerializer.Serialize(request, request.GetType(), ResponseCacheJson.Default)}"));

    /// <summary>The response that was given before; null where there is none.</summary>
    public EvaluationResponse? Find(byte[] key)
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = "SELECT response FROM responses WHERE key = $key";
        command.Parameters.AddWithValue("$key", key);
        return command.ExecuteScalar() is byte[] json ? JsonSerializer.Deserialize(json, ResponseCacheJson.Default.EvaluationResponse) : null;
    }

    /// <summary>Keeps responses; they are on the disk when this returns.</summary>
    public void Add(IReadOnlyList<(byte[] Key, EvaluationResponse Response)> responses)
    {
        try
        {
            using SqliteTransaction transaction = _connection.BeginTransaction();
            using SqliteCommand command = _connection.CreateCommand();
            command.Transaction = transaction;
            command.CommandText = "INSERT OR REPLACE INTO responses VALUES ($key, $response)";
            SqliteParameter key = command.Parameters.Add("$key", SqliteType.Blob);
            SqliteParameter value = command.Parameters.Add("$response", SqliteType.Blob);
            foreach ((byte[] responseKey, EvaluationResponse response) in responses)
            {
                key.Value = responseKey;
                value.Value = JsonSerializer.SerializeToUtf8Bytes(response, ResponseCacheJson.Default.EvaluationResponse);
                command.ExecuteNonQuery();
            }
            transaction.Commit();
        }
        catch (SqliteException error)
        {
            throw new SettingError("cache", $"expected to write to {_path}, found: {error.Message}", error);
        }
    }

    public void Dispose() => _connection.Dispose();

    /// <summary>The code that stands between a request and its response: its identity changes with every change of the code.</summary>
    private static IEnumerable<string> Software() =>
    [
        $"{typeof(ResponseCache).Module.ModuleVersionId}",
        $"{typeof(Runtime.LanguageModel).Module.ModuleVersionId}",
        $"{typeof(UserError).Module.ModuleVersionId}",
        Assembly.Load("Microsoft.ML.OnnxRuntime").GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "",
    ];
}

/// <summary>A NaN is no answer to keep: it fails here rather than come back as something else.</summary>
[JsonSerializable(typeof(EvaluationResponse))]
[JsonSerializable(typeof(LogLikelihoodRequest))]
[JsonSerializable(typeof(RollingRequest))]
[JsonSerializable(typeof(GenerationRequest))]
[JsonSerializable(typeof(PassageRequest))]
internal sealed partial class ResponseCacheJson : JsonSerializerContext;
