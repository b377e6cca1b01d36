global using Factory.InferenceApi.Json;
global using Microsoft.AspNetCore.Http.HttpResults;
