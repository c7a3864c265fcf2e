// Shows the API's document in Swagger UI. Without its files the page stays as it is, and says so.
if (window.SwaggerUIBundle)
    window.SwaggerUIBundle({
        url: '/api/openapi.json',
        dom_id: '#docs',
        deepLinking: true,
        docExpansion: 'none',
        validatorUrl: null, // nothing leaves for other hosts
    });
