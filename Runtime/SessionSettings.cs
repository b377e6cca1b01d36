using Factory.Runtime.Native;
using Microsoft.ML.OnnxRuntime;

namespace Factory.Runtime;

/// <summary>The session options of every model.</summary>
internal static class SessionSettings
{
    public static SessionOptions Create(RuntimeOptions options)
    {
        options.Validate();
        OnnxRuntimeLibrary.Prepare();
        var session = new SessionOptions
        {
            IntraOpNumThreads = options.Threads == 0 ? Environment.ProcessorCount : options.Threads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            // What goes wrong comes as an exception; a second telling on stderr would not be one line.
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        // Threads that sleep between operators make one-token decoding 1.3 to 2 times slower; a millisecond of spinning keeps the speed
        // without burning idle cores.
        session.AddSessionConfigEntry("session.intra_op.spin_duration_us", "1000");
        // Weights outside the arena, which grows in powers of two and gives nothing back when a packed copy has replaced them.
        session.AddSessionConfigEntry("session.use_device_allocator_for_initializers", "1");
        return session;
    }
}
