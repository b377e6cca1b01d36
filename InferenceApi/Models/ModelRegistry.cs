using System.Collections.Concurrent;
using Factory.Core;
using Factory.InferenceApi.Hosting;
using Factory.InferenceApi.Problems;
using Factory.InferenceApi.Settings;

namespace Factory.InferenceApi.Models;

/// <summary>The models of this server by name. The first is the one that requests without a name mean.</summary>
internal sealed class ModelRegistry : IAsyncDisposable
{
    private readonly ServerOptions _options;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, ServedModel> _models = new(StringComparer.Ordinal);

    /// <exception cref="UserError">The model's directory is not a bundle.</exception>
    public ModelRegistry(ServerOptions options, TimeProvider time)
    {
        (_options, _time) = (options, time);
        Default = new ServedModel(options.Model, time.GetUtcNow());
        _models[Default.Name] = Default;
    }

    /// <summary>The model that the server was started with.</summary>
    public ServedModel Default { get; }

    /// <summary>The default one first, then by name.</summary>
    public IReadOnlyList<ServedModel> All => [.. _models.Values.OrderBy(model => model != Default).ThenBy(model => model.Name, StringComparer.Ordinal)];

    /// <param name="name">null for the default.</param>
    /// <exception cref="RefusedException">404: no such model is loaded.</exception>
    public ServedModel Find(string? name) => name is null ? Default
        : _models.TryGetValue(name, out ServedModel? model) ? model
        : throw new RefusedException(new UnknownModelProblem(name));

    /// <summary>Takes a bundle of the models folder in, not loaded yet.</summary>
    /// <exception cref="RefusedException">400: it is no bundle there. 409: it is served already.</exception>
    public ServedModel Add(string name)
    {
        string directory = Path.Combine(_options.ModelsDirectory, name);
        // A name is one folder, never a path.
        if (name.Length == 0 || name is "." or ".." || name.AsSpan().ContainsAny('/', '\\', '\0') || !Directory.Exists(directory))
        {
            throw Problem.Field("name", $"expected the name of a bundle in the server's models folder, found '{JsonWords.Shorten(name)}'.");
        }
        ServedModel model;
        try
        {
            model = new ServedModel(directory, _time.GetUtcNow());
        }
        catch (UserError)
        {
            throw Problem.Field("name", $"expected the name of a bundle in the server's models folder, found '{JsonWords.Shorten(name)}', which is none.");
        }
        return _models.TryAdd(name, model) ? model : throw Problem.Refused(StatusCodes.Status409Conflict, $"The model '{name}' is served already.");
    }

    /// <summary>Takes a model out; new requests no longer find it.</summary>
    /// <exception cref="RefusedException">404: no such model. 409: it is the default.</exception>
    public ServedModel Remove(string name)
    {
        ServedModel model = Find(name);
        if (model == Default)
        {
            throw Problem.Refused(StatusCodes.Status409Conflict, $"The model '{name}' is the one that this server was started with; it goes when the server stops.");
        }
        if (model.State == ModelState.Loading)
        {
            throw Problem.Refused(StatusCodes.Status409Conflict, $"The model '{name}' is being loaded. Ask again when it is there.");
        }
        // Of two who take it out at once, one does; nor is it another of this name that came meanwhile.
        return _models.TryRemove(KeyValuePair.Create(name, model)) ? model : throw new RefusedException(new UnknownModelProblem(name));
    }

    /// <summary>Takes out a model that could not be loaded.</summary>
    public void Forget(ServedModel model) => _models.TryRemove(KeyValuePair.Create(model.Name, model));

    public async ValueTask DisposeAsync()
    {
        foreach (ServedModel model in _models.Values)
        {
            await model.UnloadAsync();
        }
    }
}
