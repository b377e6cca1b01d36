using System.Globalization;
using System.Numerics;
using Factory.Core;
using Factory.Core.Disk;
using Factory.Runtime;
using Microsoft.Extensions.Configuration;

namespace Factory.InferenceApi.Settings;

/// <summary>Every setting of the server, and how <see cref="ServerOptions"/> are read from a configuration. All are checked before the server starts.</summary>
internal static class ServerSettings
{
    private const string Cure = "Export a model with 'dotnet run -c Release --project Exporter', or name one with --model.";
    private const int MostThreads = 4096;
    private const int MostAtOnce = 1024;
    private const int MostRequests = 65_536;
    private const int SecondsOfADay = 86_400;

    public static Setting Model { get; } = new("Model", "models/NAME", "Bundle directory that Exporter wrote. [default: the one that models/latest names]");

    public static Setting Models { get; } = new("Models", "DIR", "Folder whose bundles an admin may load by name. [default: the model's own folder]");

    public static Setting Urls { get; } = new("Urls", "http://ADDRESS:PORT",
        "Addresses to listen on, separated by ';': an IP address or localhost. Port 0 takes a free one. [default: http://127.0.0.1:5080]", "urls");

    public static Setting AllowedHosts { get; } = new("AllowedHosts", "NAME",
        "Further names of this server in a request's Host header, separated by ';'; * for any. [default: IP addresses and names without a dot; any on an address that others reach]", "AllowedHosts");

    public static Setting AllowAnonymous { get; } = new("AllowAnonymous", null, "Serve an address that others reach although there are no API keys.");

    public static Setting State { get; } = new("State", "DIR", $"Folder of the server's own files: API keys and evaluation jobs. [default: {ServerOptions.DefaultState}]");

    public static Setting Provider { get; } = new("Provider", "auto|cpu|cuda", "Where the model runs: auto takes CUDA where it is usable. [default: auto]");

    public static Setting CudaPlugin { get; } = new("CudaPlugin", "FILE", "ONNX Runtime plugin library that brings the CUDA provider.");

    public static Setting Threads { get; } = new("Threads", "N", "Threads of one operator; 0 takes every core. [default: 0]");

    public static Setting MaxConcurrent { get; } = new("MaxConcurrent", "N", "Answers decoded at the same time. [default: 32]");

    public static Setting KvCacheMb { get; } = new("KvCacheMb", "N", "Memory for keys and values of the texts in the making, in MB. [default: a quarter of the machine's]");

    public static Setting Queue { get; } = new("Queue", "N", "Requests that may wait for their turn; one more gets 429. [default: 32]");

    public static Setting RateLimit { get; } = new("RateLimit", "N", "Requests a minute for one API key, or without keys for one client address. [default: any number]");

    public static Setting MaxBody { get; } = new("MaxBody", "BYTES", "Longest request body. [default: 1048576]");

    public static Setting MaxSeconds { get; } = new("MaxSeconds", "N", "Seconds that one answer may take; then it ends with an error. [default: any number]");

    public static Setting Data { get; } = new("Data", "DIR", "Folder with full evaluation sets for /eval. [default: the small samples that come with Factory]");

    public static Setting Text { get; } = new("Text", "FILE", "Text that the task perplexity scores in /eval.");

    public static Setting Drain { get; } = new("Drain", "SECONDS", "How long a stopping server lets answers in the making go on. [default: 10]");

    public static IReadOnlyList<Setting> All { get; } =
    [
        Model, Models, Urls, AllowedHosts, AllowAnonymous, State, Provider, CudaPlugin, Threads, MaxConcurrent, Queue, KvCacheMb, RateLimit, MaxBody, MaxSeconds, Data, Text, Drain,
    ];

    /// <exception cref="SettingError">A value is not what its setting takes; the message names the setting.</exception>
    /// <exception cref="UserError">The section has a key that is no setting, or there is no model to serve.</exception>
    public static ServerOptions Read(IConfiguration configuration)
    {
        RefuseUnknown(configuration.GetSection(Setting.Section));
        var options = new ServerOptions
        {
            // Last of all: a mistyped setting is told although there is no model yet.
            Model = "",
            Models = Folder(Models, "bundles"),
            AllowedHosts = AllowedHosts.Find(configuration)?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [],
            AllowAnonymous = Flag(AllowAnonymous),
            State = State.Find(configuration) is { Length: > 0 } state ? state : ServerOptions.DefaultState,
            Runtime = new RuntimeOptions
            {
                Provider = Provider.Find(configuration) is string provider ? OneOf<ProviderChoice>(Provider, provider) : default,
                CudaPlugin = CudaPlugin.Find(configuration),
                Threads = Whole(Threads, 0, MostThreads) ?? 0,
            },
            KvCacheMb = Whole(KvCacheMb, 1, 10_000_000),
            RateLimit = Whole(RateLimit, 1, 1_000_000),
            MaxSeconds = Whole(MaxSeconds, 1, SecondsOfADay),
            DataDirectory = Folder(Data, "evaluation sets"),
            TextFile = TextFile(Text.Find(configuration)),
        };
        return options with
        {
            Addresses = Urls.Find(configuration) is string urls ? ListenAddress.ParseList(urls) : options.Addresses,
            MaxConcurrent = Whole(MaxConcurrent, 1, MostAtOnce) ?? options.MaxConcurrent,
            Queue = Whole(Queue, 0, MostRequests) ?? options.Queue,
            MaxBody = Whole(MaxBody, 1024, 1 << 30) ?? options.MaxBody,
            Drain = Whole(Drain, 0, SecondsOfADay) is int seconds ? TimeSpan.FromSeconds(seconds) : options.Drain,
            Model = Model.Find(configuration) ?? LatestName.Read("models", Cure),
        };

        int? Whole(Setting setting, int least, int most) => setting.Find(configuration) is not string text ? null
            : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most ? value
            : throw new SettingError(setting.Name, $"expected a whole number from {least} to {most}, found {(BigInteger.TryParse(text, out _) ? text : $"'{text}'")}.");

        bool Flag(Setting setting) => setting.Find(configuration) is string text
            && (bool.TryParse(text, out bool value) ? value : throw new SettingError(setting.Name, $"expected true or false, found '{text}'."));

        string? Folder(Setting setting, string what) => setting.Find(configuration) is not string path ? null
            : Directory.Exists(path) ? path
            : throw new SettingError(setting.Name, $"expected a directory with {what}, found none at '{path}'.");
    }

    private static string? TextFile(string? path) => path is null || File.Exists(path) ? path : throw new SettingError(Text.Name, $"expected a text file, found none at '{path}'.");

    private static T OneOf<T>(Setting setting, string text) where T : struct, Enum
    {
        string[] names = [.. Enum.GetNames<T>().Select(name => name.ToLowerInvariant())];
        return Array.IndexOf(names, text.ToLowerInvariant()) is int at and >= 0
            ? Enum.GetValues<T>()[at]
            : throw new SettingError(setting.Name, $"expected one of {string.Join(", ", names)}, found '{text}'.");
    }

    private static void RefuseUnknown(IConfigurationSection section)
    {
        if (section.GetChildren().FirstOrDefault(child => !All.Any(setting => setting.Key.Equals(child.Key, StringComparison.OrdinalIgnoreCase))) is IConfigurationSection unknown)
        {
            string near = NearestName.Find(unknown.Key, All.Select(setting => setting.Key)) is string name ? $" Did you mean {name}?" : "";
            throw new UserError($"{Setting.Section}:{unknown.Key}: expected a setting of the server, found none of that name in appsettings.json or the environment.{near} --help lists them.");
        }
    }
}
