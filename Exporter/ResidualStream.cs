using Factory.Core.Architecture;
using Factory.Exporter.Onnx;

namespace Factory.Exporter;

/// <summary>
/// The residual stream while it is emitted, (B, S, H). A sum waits for what comes next: where that is an RMSNorm, at the end of one branch or the
/// start of the next, the two are one operator.
/// <code>
/// stream ─┐                      ┌─► norm              stream ─┐
///         ├─ (+ and RMSNorm) ────┤                 or          ├─ Add ─► stream     where no RMSNorm comes next
/// branch ─┘                      └─► stream            branch ─┘
/// </code>
/// </summary>
internal sealed class ResidualStream(GraphBuilder graph, NormEmitter norms, string value)
{
    private string _value = value;
    private (string Path, string Branch)? _waiting;

    /// <summary>The stream times a factor that could not be folded.</summary>
    public void Scale(string path, string factor) => _value = graph.Node(path, "Mul", [Value(), factor]);

    /// <summary>stream + branch.</summary>
    public void Add(string path, string branch)
    {
        Value();
        _waiting = (path, branch);
    }

    /// <summary>Something else goes on in the stream's place.</summary>
    public void Replace(string other)
    {
        Value();
        _value = other;
    }

    /// <summary>The stream itself.</summary>
    public string Value()
    {
        if (_waiting is (string path, string branch))
        {
            _value = graph.Node(path, "Add", [_value, branch]);
            _waiting = null;
        }
        return _value;
    }

    /// <summary>The norm of the stream, which itself goes on beside it.</summary>
    public string Normed(string path, NormPlan plan)
    {
        if (_waiting is not (_, string branch) || plan.Kind != NormKind.RMSNorm)
        {
            return norms.Emit(path, plan, Value());
        }
        (string normed, _value) = norms.EmitAddAndNorm(path, plan, _value, branch);
        _waiting = null;
        return normed;
    }

    /// <summary>The stream becomes its norm.</summary>
    public void Norm(string path, NormPlan plan)
    {
        string normed = Normed(path, plan);
        _value = normed;
    }
}
