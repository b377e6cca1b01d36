using System.Text.Json;
using Factory.InferenceApi.Problems;
using Factory.InferenceApi.Settings;
using Factory.InferenceApi.Telemetry;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace Factory.InferenceApi.Evaluation;

/// <summary>
/// Evaluation jobs in a SQLite file of the server's own folder, made with the first job. One server at a time has it: the file stays locked as long as
/// that one lives, however it ends.
/// </summary>
internal sealed class JobStore : IDisposable
{
    private const string FileName = "jobs.db";
    private const int MostListed = 100;
    private const int RetrySeconds = 60;

    private readonly Lock _lock = new();
    private readonly string _path;
    private readonly JsonSerializerOptions _json;
    private readonly ILogger<JobStore> _log;
    private SqliteConnection? _connection;

    public JobStore(ServerOptions options, IOptions<JsonOptions> json, ILogger<JobStore> log)
    {
        (_path, _json, _log) = (Path.Combine(options.State, FileName), json.Value.SerializerOptions, log);
        if (File.Exists(_path))
        {
            TryConnect();
        }
    }

    /// <summary>Writes a job; it is on the disk when this returns.</summary>
    /// <exception cref="RefusedException">503: the file cannot be written now.</exception>
    public void Save(EvalJob job) => Use(connection =>
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "INSERT INTO jobs (id, state, job) VALUES ($id, $state, $job) ON CONFLICT (id) DO UPDATE SET state = $state, job = $job";
        command.Parameters.AddWithValue("$id", job.Id);
        command.Parameters.AddWithValue("$state", (int)job.State);
        command.Parameters.AddWithValue("$job", JsonSerializer.Serialize(job, _json));
        return command.ExecuteNonQuery();
    }, create: true);

    public EvalJob? Find(string id) => Read("WHERE id = $value", id) is [EvalJob job] ? job : null;

    /// <summary>The latest, newest first: ids begin with the time.</summary>
    public IReadOnlyList<EvalJob> Latest() => Read("ORDER BY id DESC LIMIT $value", MostListed);

    /// <summary>In the order in which they were asked for.</summary>
    public IReadOnlyList<EvalJob> In(JobState state) => Read("WHERE state = $value ORDER BY id", (int)state);

    public void Dispose() => _connection?.Dispose();

    private List<EvalJob> Read(string where, object value) => _connection is null && !File.Exists(_path) ? [] : Use(connection =>
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = $"SELECT job FROM jobs {where}";
        command.Parameters.AddWithValue("$value", value);
        var jobs = new List<EvalJob>();
        using SqliteDataReader rows = command.ExecuteReader();
        while (rows.Read())
        {
            jobs.Add(JsonSerializer.Deserialize<EvalJob>(rows.GetString(0), _json)!);
        }
        return jobs;
    }, create: false);

    private T Use<T>(Func<SqliteConnection, T> work, bool create)
    {
        lock (_lock)
        {
            try
            {
                return work(_connection ??= Connect(create));
            }
            catch (Exception error) when (error is SqliteException or IOException or UnauthorizedAccessException)
            {
                _log.JobStoreFailed(_path, error.Message);
                throw Problem.Later("The server's file of evaluation jobs cannot be used now: its disk is full, or another server has it. /eval without wait: false needs none.", RetrySeconds);
            }
        }
    }

    private void TryConnect()
    {
        try
        {
            _connection = Connect(create: false);
        }
        catch (Exception error) when (error is SqliteException or IOException or UnauthorizedAccessException)
        {
            _log.JobStoreFailed(_path, error.Message);
        }
    }

    private SqliteConnection Connect(bool create)
    {
        if (create)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(_path))!);
        }
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = _path,
            Mode = create ? SqliteOpenMode.ReadWriteCreate : SqliteOpenMode.ReadWrite,
            Pooling = false,
            DefaultTimeout = 1,
        }.ToString());
        try
        {
            connection.Open();
            // One by one: behind a statement that gives rows, as these do, the library hides what goes wrong.
            foreach (string pragma in (string[])["locking_mode = EXCLUSIVE", "journal_mode = DELETE", "synchronous = FULL"])
            {
                Execute(connection, $"PRAGMA {pragma}");
            }
            // The transaction takes the lock, which the connection keeps.
            Execute(connection, """
                BEGIN EXCLUSIVE;
                CREATE TABLE IF NOT EXISTS jobs (id TEXT PRIMARY KEY, state INTEGER NOT NULL, job TEXT NOT NULL) WITHOUT ROWID;
                COMMIT;
                """);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static void Execute(SqliteConnection connection, string statement)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = statement;
        command.ExecuteNonQuery();
    }
}
