using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Factory.Core;
using Factory.InferenceApi.Hosting;
using Factory.InferenceApi.Keys;
using Factory.InferenceApi.Settings;

namespace Factory.InferenceApi.Commands;

/// <summary><c>InferenceApi keys create|list|revoke</c>.</summary>
internal static class KeysCommand
{
    public static Command Create(TimeProvider time)
    {
        Option<string> state = new("--state") { Description = "The server's own folder.", HelpName = "DIR", DefaultValueFactory = _ => ServerOptions.DefaultState };
        return new Command("keys", "API keys. With the first one, every request needs a key; a running server takes changes at once.") { CreateKey(state, time), List(state), Revoke(state, time) };
    }

    private static Command CreateKey(Option<string> state, TimeProvider time)
    {
        Option<string> name = new("--name") { Description = "Whose key, or what for.", HelpName = "NAME", Required = true };
        Option<Scope[]> scopes = new("--scopes")
        {
            Description = "What it allows: generate, eval, admin.",
            HelpName = "SCOPE,SCOPE",
            DefaultValueFactory = _ => [Scope.Generate],
            CustomParser = ParseScopes,
        };
        var command = new Command("create", "Make a key. It is printed once and kept only as a hash.") { name, scopes, state };
        command.SetAction(parsed =>
        {
            (ApiKey kept, string key) = ApiKey.Create(parsed.GetRequiredValue(name), parsed.GetRequiredValue(scopes), time.GetUtcNow());
            KeyFile.Change(parsed.GetRequiredValue(state), keys => [.. keys, kept]);
            Console.WriteLine(key);
            Console.Error.WriteLine($"Kept as {kept.Id} ({Words(kept.Scopes)}) in {KeyFile.At(parsed.GetRequiredValue(state))}. The key above is not shown again; send it as 'Authorization: Bearer KEY'.");
        });
        return command;
    }

    private static Command List(Option<string> state)
    {
        var command = new Command("list", "Show every key: id, name, scopes, when it was made and revoked.") { state };
        command.SetAction(parsed =>
        {
            IReadOnlyList<ApiKey> keys = KeyFile.Read(parsed.GetRequiredValue(state));
            foreach (ApiKey key in keys)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{key.Id}  {key.Name}  {Words(key.Scopes)}  {key.Created:u}{(key.Revoked is DateTimeOffset when ? $"  revoked {when:u}" : "")}"));
            }
            if (keys.Count == 0)
            {
                Console.Error.WriteLine("There are no keys: a server on this machine's own address takes every request. Make one with 'keys create'.");
            }
        });
        return command;
    }

    private static Command Revoke(Option<string> state, TimeProvider time)
    {
        Argument<string> id = new("id") { Description = "Its id, as 'keys list' shows it.", HelpName = "ID" };
        var command = new Command("revoke", "Let a key work no longer.") { id, state };
        command.SetAction(parsed =>
        {
            string wanted = parsed.GetRequiredValue(id);
            KeyFile.Change(parsed.GetRequiredValue(state), keys => keys.Any(key => key.Id == wanted)
                ? [.. keys.Select(key => key.Id == wanted ? key with { Revoked = key.Revoked ?? time.GetUtcNow() } : key)]
                : throw new SettingError("id", $"expected the id of a key ('keys list' shows them), found '{wanted}'."));
            Console.Error.WriteLine($"The key {wanted} works no longer.");
        });
        return command;
    }

    private static Scope[] ParseScopes(ArgumentResult result)
    {
        string[] known = ["generate", "eval", "admin"];
        string text = string.Join(',', result.Tokens.Select(token => token.Value));
        string[] names = [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).DefaultIfEmpty("")];
        if (names.FirstOrDefault(name => !known.Contains(name)) is string stranger)
        {
            result.AddError($"--scopes: expected some of {string.Join(", ", known)}, separated by commas, found '{stranger}'.");
            return [];
        }
        return [.. names.Select(name => Enum.Parse<Scope>(name, ignoreCase: true)).Distinct()];
    }

    private static string Words(IEnumerable<Scope> scopes) => string.Join(",", scopes.Select(scope => scope.ToString().ToLowerInvariant()));
}
